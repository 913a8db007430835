package io.aquifer.state;

import io.aquifer.state.run.RunFile;

import java.util.List;

/// The runs of a checkpoint that a table begins with, the newest first.
///
/// Several subtasks of then may be one of now, or one several: so of each run only some key groups
/// count. Of runs whose key groups overlap, those of one subtask of then are in their order; others
/// have no key groups in common.
///
/// @param slices the newest first; their files are the table's from now on, who releases them
/// @param era more than that of any checkpoint that the runs were in before, so that numbers given
///   out from now on differ from those in the runs
/// @param loaded whether all of it is brought to memory at once, as long as there is memory for
///   nothing; else keys are read when they are asked for
public record SavedRuns(List<Slice> slices, long era, boolean loaded) {
    /// What a new table begins with.
    public static final SavedRuns NONE = new SavedRuns(List.of(), 0, false);

    private static final int ERA_SHIFT = 36;
    private static final long ID_STEP = 0x9E37_79B9L;

    public SavedRuns {
        slices = List.copyOf(slices);
    }

    /// A run as far as it counts.
    ///
    /// @param firstKeyGroup the lowest that counts
    /// @param lastKeyGroup the highest that counts
    public record Slice(RunFile file, int firstKeyGroup, int lastKeyGroup) {}

    /// Where 64-bit numbers begin that must not be in the runs: no table gives out 2^36 of them
    /// between two checkpoints.
    long firstNumber() {
        return era << ERA_SHIFT;
    }

    /// As [#firstNumber], of 32 bits, where a number that is given out twice does no harm unless
    /// the two are compared within a moment.
    int firstId() {
        return (int) (era * ID_STEP);
    }
}
