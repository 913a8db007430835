package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Chooses which runs to merge: some that follow one another in age and are of about one size, so
/// that an entry is rewritten once for each tier of sizes; and any when there would be too many.
///
/// @param fanIn how many runs of a size make a merge, at least 2
/// @param runsMax how many runs there may be before sizes no longer matter, at least `fanIn`
public record SizeTiers(int fanIn, int runsMax) {
    /// Merges of 4 to 8 runs, of which there are about 8 at most.
    public static final SizeTiers DEFAULT = new SizeTiers(4, 8);

    /// The runs to merge next, or null if none.
    ///
    /// @param runs the newest first
    public @Nullable List<Run> choose(List<Run> runs) {
        return null;
    }
}
