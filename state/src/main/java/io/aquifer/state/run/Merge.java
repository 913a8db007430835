package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;

/// Makes one run of several that follow one another in age: a pure function of files that do not
/// change.
///
/// Of each key it keeps what the newest input says, with what is to be appended added up. With the
/// oldest run of the table among the inputs it drops DELETEs and makes PUTs of APPENDs, and the
/// output is no longer made of changes.
///
/// **Memory.** A block of each input, the output's buffer, its fences and filter: however large a
/// value is, it passes through in parts.
///
/// **Threads.** [#run] on any one; [#cancel] and the progress from any. The owner puts the output
/// in its place by [Runs#replace], on its own thread.
public final class Merge implements AutoCloseable {
    private static final int SPENT_AT_ONCE = 256 * 1024;

    private final List<Run> inputs;
    private final boolean oldest;
    private final RunDescription output;
    private final Settings settings;
    private final MergedScan scan;
    private final long bytesTotal;
    private boolean started;
    private volatile boolean cancelled;
    private volatile long bytesRead;

    private Merge(
            List<Run> inputs,
            boolean oldest,
            RunDescription output,
            Settings settings,
            MergedScan scan) {
        this.inputs = List.copyOf(inputs);
        this.oldest = oldest;
        this.output = output;
        this.settings = settings;
        this.scan = scan;
        this.bytesTotal = inputs.stream().mapToLong(Run::bytes).sum();
    }

    /// Prepares a merge, which holds its inputs from now on.
    ///
    /// @param inputs the newest first, at least one
    /// @param oldest whether the last of them is the table's oldest run
    /// @param output what the output's file says; of the inputs only its key groups are taken, so
    ///   that files of other subtasks are cut to size
    public static Merge of(
            List<Run> inputs, boolean oldest, RunDescription output, Settings settings) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to merge");
        }
        long first = output.firstRouting(output.header().firstKeyGroup());
        long last = output.lastRouting(output.header().lastKeyGroup());
        return new Merge(
                inputs, oldest, output, settings, MergedScan.of(inputs, first, last, oldest));
    }

    /// What a merge needs besides its inputs.
    ///
    /// @param files where the output goes
    /// @param pages for the output's fences and filter
    /// @param blockBytes as of [RunOptions]
    /// @param filterBitsPerKey as of [RunOptions]
    /// @param filter null to keep all
    public record Settings(
            RunFiles files,
            RunPages pages,
            int blockBytes,
            int filterBitsPerKey,
            @Nullable EntryFilter filter,
            Pacer pacer) {
        /// With the smallest blocks.
        public Settings(
                RunFiles files,
                RunPages pages,
                int filterBitsPerKey,
                @Nullable EntryFilter filter,
                Pacer pacer) {
            this(files, pages, RunOptions.BLOCK_BYTES, filterBitsPerKey, filter, pacer);
        }
    }

    /// Merges, once. Whatever it throws, its output was removed and its inputs are no longer held.
    ///
    /// @return the output, opened and held once, or null if nothing was left
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no page for the output's
    ///   fences
    /// @throws CancellationException after [#cancel]
    public @Nullable Run run() throws IOException {
        if (started) {
            throw new IllegalStateException("this merge was run or closed before");
        }
        started = true;
        try (scan) {
            return write();
        }
    }

    private @Nullable Run write() throws IOException {
        RunFile file = settings.files().create();
        boolean written = false;
        try {
            written = write(file);
        } finally {
            if (!written) {
                file.release();
            }
        }
        return written ? Run.open(file, output, settings.pages()) : null;
    }

    /// Writes the output; false if nothing was left.
    private boolean write(RunFile file) throws IOException {
        long entries = inputs.stream().mapToLong(Run::entries).sum();
        RunOptions options =
                RunOptions.withFilter(settings.filterBitsPerKey(), entries)
                        .withBlocks(settings.blockBytes());
        try (RunWriter out = RunWriter.open(file, output, !oldest, options, settings.pages())) {
            copy(out);
            if (out.entries() == 0) {
                return false;
            }
            out.finish();
            return true;
        }
    }

    private void copy(RunWriter out) throws IOException {
        EntryFilter filter = settings.filter();
        long spent = 0;
        while (scan.next()) {
            if (filter == null || scan.isDelete() || filter.keeps(scan)) {
                scan.copyTo(out);
            } else if (!oldest) {
                scan.deleteIn(out);
            }
            long moved = scan.bytesRead() + out.length();
            if (moved - spent >= SPENT_AT_ONCE) {
                pause(moved - spent);
                spent = moved;
            }
        }
    }

    private void pause(long bytes) {
        bytesRead = scan.bytesRead();
        requireNotCancelled();
        settings.pacer().spend(bytes);
        requireNotCancelled();
    }

    private void requireNotCancelled() {
        if (cancelled) {
            throw new CancellationException("the merge of " + inputs + " was cancelled");
        }
    }

    /// Ends [#run] soon, within 256 KiB of work or at the next entry. Any thread.
    public void cancel() {
        cancelled = true;
    }

    /// The runs to be replaced.
    public List<Run> inputs() {
        return inputs;
    }

    public long bytesTotal() {
        return bytesTotal;
    }

    /// Bytes of the inputs read so far, of [#bytesTotal] about. Any thread.
    public long bytesRead() {
        return bytesRead;
    }

    /// Lets the inputs go if [#run] was not called. Closing again does nothing.
    @Override
    public void close() {
        if (!started) {
            started = true;
            scan.close();
        }
    }
}
