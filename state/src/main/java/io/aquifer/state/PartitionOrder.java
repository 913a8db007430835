package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.Arrays;

/// The records of one [Partition] in the order of runs: by routing as an unsigned number, then
/// kind, then the key's bytes as unsigned numbers.
///
/// What it holds are slots, so it stays right while records move or change, and none goes.
final class PartitionOrder {
    private final RecordTable table;
    private final ByteSlot one = new ByteSlot();
    private final ByteSlot other = new ByteSlot();

    /// Of a slot, from its number: the routing, and where it is.
    private long[] routings = new long[0];

    private long[] slots = new long[0];

    /// What is sorted: bits of the routing, and below them the number of the slot.
    private long[] order = new long[0];

    private int count;
    private int numberBits;

    PartitionOrder(RecordTable table) {
        this.table = table;
    }

    /// Chooses records by their headers.
    interface Choice {
        boolean takes(long slot, long header);
    }

    /// Takes up the records of the range of a routing that `choice` takes, in order.
    void load(long rangeRouting, Choice choice) {
        collect(rangeRouting, choice);
        int depth = IndexPage.depth(table.directory.firstPage(rangeRouting));
        numberBits = count < 2 ? 1 : 32 - Integer.numberOfLeadingZeros(count - 1);
        int dropped = numberBits + 1;
        for (int i = 0; i < count; i++) {
            order[i] = routings[i] << depth >>> dropped << numberBits | i;
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

    private void collect(long rangeRouting, Choice choice) {
        count = 0;
        for (long page = table.directory.firstPage(rangeRouting);
                page != 0;
                page = IndexPage.next(page)) {
            reserve(count + IndexPage.count(page));
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                long slot = getLong(at);
                if (slot != 0) {
                    long record = table.pages.address(IndexPage.ref(slot));
                    long header = getLong(record);
                    if (choice.takes(slot, header)) {
                        slots[count] = at;
                        routings[count++] = table.routingOf(slot, record);
                    }
                }
            }
        }
    }

    private void reserve(int wanted) {
        if (wanted > slots.length) {
            int length = Math.max(wanted, 2 * slots.length);
            slots = Arrays.copyOf(slots, length);
            routings = Arrays.copyOf(routings, length);
            order = Arrays.copyOf(order, length);
        }
    }

    private boolean isAfter(int position, long number) {
        int left = numberOf(order[position]);
        int right = numberOf(number);
        int byRouting = Long.compareUnsigned(routings[left], routings[right]);
        if (byRouting != 0) {
            return byRouting > 0;
        }
        long a = table.addressAt(slots[left]);
        long b = table.addressAt(slots[right]);
        int byKind = RecordHeader.kind(getLong(a)) - RecordHeader.kind(getLong(b));
        if (byKind != 0) {
            return byKind > 0;
        }
        table.readKey(a, one);
        table.readKey(b, other);
        return Arrays.compareUnsigned(
                        one.array(), 0, one.length(), other.array(), 0, other.length())
                > 0;
    }

    private int numberOf(long entry) {
        return (int) entry & ((1 << numberBits) - 1);
    }

    int count() {
        return count;
    }

    long slot(int position) {
        return slots[numberOf(order[position])];
    }

    long routing(int position) {
        return routings[numberOf(order[position])];
    }
}
