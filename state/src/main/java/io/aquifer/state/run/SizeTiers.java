package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Chooses which runs to merge: some that follow one another in age and are of about one size, so
/// that an entry is rewritten once for each tier of sizes; and where there would be too many, those
/// that cost least.
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
        return bytes.length > runsMax ? cheapest(bytes) : null;
    }

    private int groupFrom(long[] bytes, int first) {
        long sum = bytes[first];
        int count = 1;
        while (count < 2 * fanIn
                && first + count < bytes.length
                && bytes[first + count] <= 2 * (sum / count)) {
            sum += bytes[first + count];
            count++;
        }
        return count;
    }

    private Choice cheapest(long[] bytes) {
        int best = 0;
        long bestSum = Long.MAX_VALUE;
        for (int first = 0; first + fanIn <= bytes.length; first++) {
            long sum = 0;
            for (int i = first; i < first + fanIn; i++) {
                sum += bytes[i];
            }
            if (sum < bestSum) {
                best = first;
                bestSum = sum;
            }
        }
        return new Choice(best, fanIn);
    }
}
