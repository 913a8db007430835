package io.aquifer.state.run;

import java.io.IOException;

/// Says which entries a [Merge] keeps, such as those that have not expired. Called from the merge's
/// thread for each entry that has a value, once all that is newer has been applied.
@FunctionalInterface
public interface EntryFilter {
    /// @param entry stands at the entry; only to be looked at
    /// @return false to remove it: it leaves no trace in a merge with the oldest run, and a DELETE
    ///   in any other, so that nothing older shows again
    boolean keeps(RunScan entry) throws IOException;
}
