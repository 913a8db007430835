package io.aquifer.state.run;

import java.util.Arrays;

/// The ranges that a run was written in: which blocks and which routings each has. On the heap it
/// takes 20 bytes for each.
final class Ranges {
    private int[] firstBlocks = new int[4];
    private long[] firstRoutings = new long[4];
    private long[] lastRoutings = new long[4];
    private int count;
    private boolean isNew = true;

    /// Whether the next entry is the first of a range.
    boolean isNew() {
        return isNew;
    }

    /// The next block is the first of a range.
    void begin(int block, long routing) {
        if (count == firstBlocks.length) {
            firstBlocks = Arrays.copyOf(firstBlocks, count * 2);
            firstRoutings = Arrays.copyOf(firstRoutings, count * 2);
            lastRoutings = Arrays.copyOf(lastRoutings, count * 2);
        }
        firstBlocks[count] = block;
        firstRoutings[count++] = routing;
        isNew = false;
    }

    /// The range has no more entries; it may have none at all.
    void end(long lastRouting) {
        if (!isNew) {
            lastRoutings[count - 1] = lastRouting;
            isNew = true;
        }
    }

    int count() {
        return count;
    }

    int firstBlock(int range) {
        return firstBlocks[range];
    }

    /// The block after the last one of a range.
    int endBlock(int range, int blockCount) {
        return range + 1 == count ? blockCount : firstBlocks[range + 1];
    }

    long lastRouting(int range) {
        return lastRoutings[range];
    }

    /// The numbers of the ranges in the order of their routings.
    int[] sorted(String run) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        IndexSort.sort(
                order,
                count,
                (first, second) ->
                        Long.compareUnsigned(firstRoutings[first], firstRoutings[second]));
        for (int i = 1; i < count; i++) {
            int before = order[i - 1];
            int range = order[i];
            if (Long.compareUnsigned(lastRoutings[before], firstRoutings[range]) >= 0) {
                throw new IllegalStateException(
                        "run '%s' has two ranges for the same routings: from 0x%016x to 0x%016x, and from 0x%016x to 0x%016x"
                                .formatted(
                                        run,
                                        firstRoutings[before],
                                        lastRoutings[before],
                                        firstRoutings[range],
                                        lastRoutings[range]));
            }
        }
        return order;
    }
}
