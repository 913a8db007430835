package io.aquifer.state.run;

import java.util.List;

/// How much memory the filters of a table's runs may take together. The oldest run, which is the
/// largest and has most of what is looked for, gets none; of the others each gets its bits while
/// there are some, and with less than four a key a filter is not worth its memory.
///
/// @param bytes for all filters of the table
/// @param bitsPerKey as many as an entry gets if there is room, 0 to 32
public record FilterBudget(long bytes, int bitsPerKey) {
    private static final int WORTH_IT = 4;

    /// Bits for each entry of a run that is to be written.
    ///
    /// @param entries of the run at most
    /// @param oldest whether it will be the oldest
    /// @param others the runs that will be there besides
    public int bitsFor(long entries, boolean oldest, List<Run> others) {
        long used = 0;
        for (Run run : others) {
            used += run.filterBytes();
        }
        return bitsFor(entries, oldest, used);
    }

    int bitsFor(long entries, boolean oldest, long usedBytes) {
        if (oldest || entries <= 0 || usedBytes >= bytes) {
            return 0;
        }
        double room = (bytes - usedBytes) * 8.0 / entries;
        int bits = (int) Math.min(bitsPerKey, room);
        return bits < Math.min(WORTH_IT, bitsPerKey) ? 0 : bits;
    }
}
