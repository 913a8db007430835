package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/// Makes one run of several that follow one another in age: a pure function of files that do not
/// change.
///
/// Of each key it keeps what the newest input says, with what is to be appended added up. With the
/// oldest run of the table among the inputs it drops DELETEs and makes PUTs of APPENDs, and the
/// output is no longer made of changes.
///
/// **Threads.** [#run] on any one; [#cancel] and the progress from any. The owner puts the output
/// in its place by [Runs#replace], on its own thread.
public final class Merge implements AutoCloseable {
    private Merge() {}

    /// Prepares a merge, which holds its inputs from now on.
    ///
    /// @param inputs the newest first, at least one
    /// @param oldest whether the last of them is the table's oldest run
    public static Merge of(List<Run> inputs, boolean oldest, Settings settings) {
        throw new UnsupportedOperationException("being written");
    }

    /// What a merge needs besides its inputs.
    ///
    /// @param files where the output goes
    /// @param pages for the output's fences and filter
    /// @param filterBitsPerKey as of [RunOptions]
    /// @param filter null to keep all
    public record Settings(
            RunFiles files,
            RunPages pages,
            int filterBitsPerKey,
            @Nullable EntryFilter filter,
            Pacer pacer) {}

    /// Merges, once. Whatever it throws, its output was removed and its inputs are no longer held.
    ///
    /// @return the output, opened and held once, or null if nothing was left
    /// @throws java.util.concurrent.CancellationException after [#cancel]
    public @Nullable Run run() throws IOException {
        return null;
    }

    /// Ends [#run] soon, at the next block. Any thread.
    public void cancel() {}

    /// The runs to be replaced.
    public List<Run> inputs() {
        return List.of();
    }

    public long bytesTotal() {
        return 0;
    }

    /// Bytes of the inputs read so far. Any thread.
    public long bytesRead() {
        return 0;
    }

    /// Lets the inputs go if [#run] was not called. Closing again does nothing.
    @Override
    public void close() {}
}
