package io.aquifer.state;

import java.util.Arrays;

/// Numbers in the order of runs: by routing as an unsigned number, and where two agree, by what a
/// comparison says. To be used again after [#clear].
///
/// Routings are hashes, so that few agree in the bits that one sort of longs looks at.
final class RoutingOrder {
    private final Comparison comparison;

    /// Of an entry, from its number: the routing, and what it stands for.
    private long[] routings = new long[0];

    private long[] values = new long[0];

    /// What is sorted: bits of the routing, and below them the number of the entry.
    private long[] order = new long[0];

    private int count;
    private int numberBits;

    /// @param comparison of two values with the same routing
    RoutingOrder(Comparison comparison) {
        this.comparison = comparison;
    }

    /// Compares what lies behind two values.
    interface Comparison {
        int compare(long left, long right);
    }

    void clear() {
        count = 0;
    }

    void reserve(int wanted) {
        if (wanted > values.length) {
            int length = Math.max(wanted, 2 * values.length);
            values = Arrays.copyOf(values, length);
            routings = Arrays.copyOf(routings, length);
            order = new long[length];
        }
    }

    void add(long routing, long value) {
        reserve(count + 1);
        routings[count] = routing;
        values[count++] = value;
    }

    /// @param common how many of the high bits all routings have in common at least
    void sort(int common) {
        numberBits = count < 2 ? 1 : 32 - Integer.numberOfLeadingZeros(count - 1);
        int dropped = numberBits + 1;
        for (int i = 0; i < count; i++) {
            order[i] = routings[i] << common >>> dropped << numberBits | i;
        }
        Arrays.sort(order, 0, count);
        // Neighbours that agree in the bits that were sorted are settled one by one.
        for (int i = 1; i < count; i++) {
            long moved = order[i];
            int at = i;
            while (at > 0
                    && (order[at - 1] ^ moved) >>> numberBits == 0
                    && isAfter(at - 1, moved)) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = moved;
        }
    }

    private boolean isAfter(int position, long number) {
        int left = numberOf(order[position]);
        int right = numberOf(number);
        int byRouting = Long.compareUnsigned(routings[left], routings[right]);
        return byRouting != 0 ? byRouting > 0 : comparison.compare(values[left], values[right]) > 0;
    }

    private int numberOf(long entry) {
        return (int) entry & ((1 << numberBits) - 1);
    }

    int count() {
        return count;
    }

    /// What the entry at a position of the order stands for.
    long value(int position) {
        return values[numberOf(order[position])];
    }

    long routing(int position) {
        return routings[numberOf(order[position])];
    }
}
