package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Chooses which runs to merge: some that follow one another in age and are of about one size, so
/// that an entry is rewritten once for each tier of sizes; and where there would be too many, those
/// that are most alike.
///
/// A group goes from a run to older ones while the next is at most twice as large as the group is
/// on average; `fanIn` of them are enough, and twice as many the most.
///
/// @param fanIn how many runs of a size make a merge, at least 2
/// @param runsMax how many runs there may be before sizes no longer matter, at least `fanIn`
public record SizeTiers(int fanIn, int runsMax) {
    /// Merges of 4 to 8 runs, of which there are 8 at most.
    public static final SizeTiers DEFAULT = new SizeTiers(4, 8);

    public SizeTiers {
        if (fanIn < 2 || runsMax < fanIn) {
            throw new IllegalArgumentException(
                    "a merge needs 2 runs or more, and %d runs at most must be %d or more"
                            .formatted(runsMax, fanIn));
        }
    }

    /// The runs to merge next, or null if none.
    ///
    /// @param runs the newest first
    public @Nullable List<Run> choose(List<Run> runs) {
        long[] bytes = new long[runs.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = runs.get(i).bytes();
        }
        Choice choice = choose(bytes);
        return choice == null
                ? null
                : List.copyOf(runs.subList(choice.first, choice.first + choice.count));
    }

    /// Runs that follow one another, by number.
    record Choice(int first, int count) {}

    /// @param bytes of the runs, the newest first
    @Nullable Choice choose(long[] bytes) {
        for (int first = 0; first + fanIn <= bytes.length; first++) {
            int count = groupFrom(bytes, first);
            if (count >= fanIn) {
                return new Choice(first, count);
            }
        }
        return bytes.length > runsMax ? mostAlike(bytes) : null;
    }

    /// How many runs make a group from one on; 0 if the largest is more than all others together.
    private int groupFrom(long[] bytes, int first) {
        long sum = bytes[first];
        long largest = sum;
        int count = 1;
        while (count < 2 * fanIn
                && first + count < bytes.length
                && bytes[first + count] <= 2 * (sum / count)) {
            sum += bytes[first + count];
            largest = Math.max(largest, bytes[first + count]);
            count++;
        }
        return largest <= sum - largest ? count : 0;
    }

    /// The runs of which the largest is least beside the others: what was rewritten often already
    /// is rewritten once more only for much that is new. (To take those with the least bytes
    /// instead rewrites a byte 30 times and more in two thousand runs.)
    private Choice mostAlike(long[] bytes) {
        Choice best = new Choice(0, 2);
        double bestShare = Double.MAX_VALUE;
        for (int first = 0; first + 1 < bytes.length; first++) {
            long sum = bytes[first];
            long largest = sum;
            int end = Math.min(bytes.length, first + 2 * fanIn);
            for (int i = first + 1; i < end; i++) {
                sum += bytes[i];
                largest = Math.max(largest, bytes[i]);
                double share = (double) largest / (sum - largest + 1);
                if (share < bestShare) {
                    best = new Choice(first, i + 1 - first);
                    bestShare = share;
                }
            }
        }
        return best;
    }
}
