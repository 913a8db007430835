package io.aquifer.state;

import io.aquifer.state.run.Found;
import io.aquifer.state.run.Merge;
import io.aquifer.state.run.Run;
import io.aquifer.state.run.RunDescription;
import io.aquifer.state.run.RunFile;
import io.aquifer.state.run.RunOptions;
import io.aquifer.state.run.RunPages;
import io.aquifer.state.run.RunScan;
import io.aquifer.state.run.RunWriter;
import io.aquifer.state.run.Runs;
import io.aquifer.state.run.SizeTiers;
import io.aquifer.state.spill.SpillException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// What of a table is on disk: immutable runs, newer ones before older ones, and the merge of some
/// of them that is under way.
///
/// **Threads.** The table's; a merge runs on the executor of [TableSpill] and its output is taken
/// in by the table's thread.
final class ColdTier {
    private static final int FILTER_BITS_PER_KEY = 10;

    /// A run of fewer entries has no filter: it would take a page for little.
    private static final int FILTERED_MIN = 4096;

    /// A table of fewer pages cannot have many runs, each of which holds one.
    private static final int FEW_PAGES = 128;

    /// Twice as many as merges leave.
    private static final int RUNS_MAX = 16;

    /// Of a table that is all in memory.
    private static final int RUNS_IN_MEMORY_MAX = 8;

    private static final int FENCE_BYTES = 32;

    /// The fences of one run take at most so much of the table's memory, if larger blocks help.
    private static final int FENCES_SHARE = 32;

    private static final SizeTiers FEW = new SizeTiers(2, 2);

    private final TableSpill spill;
    private final TableSpill.Table table;
    private final RunPages pages;
    private Runs runs = new Runs();
    private @Nullable Merge merge;
    private @Nullable CompletableFuture<@Nullable Run> merging;

    ColdTier(TableSpill spill, TableSpill.Table table, RunPages pages) {
        this.spill = spill;
        this.table = table;
        this.pages = pages;
    }

    RunPages pages() {
        return pages;
    }

    boolean isEmpty() {
        return runs.list().isEmpty();
    }

    List<Run> runs() {
        return runs.list();
    }

    long bytes() {
        long sum = 0;
        for (Run run : runs.list()) {
            sum += run.bytes();
        }
        return sum;
    }

    long entries() {
        long sum = 0;
        for (Run run : runs.list()) {
            sum += run.entries();
        }
        return sum;
    }

    /// Whether a run may have the key; reads nothing.
    boolean mayContain(StateKey key) {
        return runs.mayContain(key.route(), key.kind(), key.bytes(), key.offset(), key.length());
    }

    /// Copies the value of a key that is not in memory into `out`; false if there is none.
    ///
    /// @throws SpillException if the disk cannot read it
    boolean find(StateKey key, ByteSlot out) {
        try {
            Found found =
                    runs.find(
                            key.route(), key.kind(), key.bytes(), key.offset(), key.length(), out);
            return found == Found.VALUE || found == Found.PARTS;
        } catch (IOException refusal) {
            throw notRead(refusal);
        }
    }

    /// The live entries of a range of routings, both ends included.
    RunScan scan(long first, long last) {
        return runs.scan(first, last, false);
    }

    SpillException notRead(IOException refusal) {
        return SpillException.notRead(table.owner(), spill, bytes(), refusal);
    }

    SpillException notWritten(IOException refusal) {
        return SpillException.notWritten(table.owner(), spill, bytes(), refusal);
    }

    /// Writes the newest run.
    interface Content {
        void writeTo(RunWriter out) throws IOException;
    }

    /// Makes a run of what `content` writes; or throws, with nothing changed. It is the caller's.
    ///
    /// @param entries how many come at most
    /// @param changes whether older runs are to be considered
    /// @param filtered whether keys that are not there will be looked for
    /// @param kept pages for its fences and filter before there are others
    Run write(long entries, boolean changes, boolean filtered, RunPages kept, Content content)
            throws IOException {
        try (NewRun run = begin(entries, changes, filtered, kept)) {
            content.writeTo(run.out());
            return run.finish();
        }
    }

    /// Begins a run; as [#write]. Any thread.
    NewRun begin(long entries, boolean changes, boolean filtered, RunPages kept)
            throws IOException {
        RunFile file = spill.files().create();
        boolean begun = false;
        try {
            RunOptions options =
                    filtered && entries >= FILTERED_MIN
                            ? RunOptions.withFilter(FILTER_BITS_PER_KEY, entries)
                            : RunOptions.withoutFilter();
            RunDescription description = table.description();
            NewRun run =
                    new NewRun(
                            file,
                            description,
                            kept,
                            RunWriter.open(file, description, changes, options, kept));
            begun = true;
            return run;
        } finally {
            if (!begun) {
                file.release();
            }
        }
    }

    Executor snapshots() {
        return spill.snapshots();
    }

    /// Whether a table that is all in memory had better save all of itself than what has changed:
    /// when what is above the oldest run takes as much room as that one. So it is never merged on
    /// disk, and takes at most about twice its size there.
    boolean isWholeWorthIt() {
        int count = runs.list().size();
        if (count == 0 || count >= RUNS_IN_MEMORY_MAX) {
            return true;
        }
        long oldest = runs.list().getLast().bytes();
        return bytes() - oldest >= oldest;
    }

    /// Takes a run in as the newest of all.
    void addNewest(Run run) {
        runs.addNewest(run);
    }

    /// Takes a run in, all of which that counts is in the place of all others; or, with null, lets
    /// all go.
    void replaceAll(@Nullable Run run) {
        endMerge();
        runs.close();
        runs = new Runs();
        if (run != null) {
            runs.addNewest(run);
        }
    }

    /// Opens the runs of a checkpoint as the oldest.
    ///
    /// @throws IOException if one cannot be read, or is another state's; none is held then
    void open(SavedRuns saved) throws IOException {
        RunDescription description = table.description();
        int opened = 0;
        try {
            for (SavedRuns.Slice slice : saved.slices()) {
                opened++;
                runs.addOldest(
                        Run.open(
                                slice.file(),
                                description,
                                pages,
                                description.firstRouting(slice.firstKeyGroup()),
                                description.lastRouting(slice.lastKeyGroup())));
            }
        } finally {
            for (SavedRuns.Slice slice : saved.slices().subList(opened, saved.slices().size())) {
                slice.file().release();
            }
        }
    }

    /// Takes in a merge that has ended, and begins one where there is need. Waits for nothing.
    ///
    /// @param memory keeps the pages that a merge begins with
    void tidy(RecordTable memory) {
        takeInEnded();
        if (merging != null) {
            return;
        }
        SizeTiers tiers = memory.pageCount() < FEW_PAGES ? FEW : SizeTiers.DEFAULT;
        List<Run> chosen = tiers.choose(runs.list());
        if (chosen != null) {
            begin(chosen, memory);
        }
    }

    /// Takes in a merge that has ended.
    void takeInEnded() {
        CompletableFuture<@Nullable Run> under = merging;
        if (under != null && under.isDone()) {
            takeIn(under);
        }
    }

    /// Merges some runs, and waits for it.
    void mergeNow(RecordTable memory) {
        awaitMerge();
        List<Run> all = runs.list();
        if (all.size() < 2) {
            return;
        }
        List<Run> chosen = FEW.choose(all);
        begin(chosen != null ? chosen : all.subList(all.size() - 2, all.size()), memory);
        awaitMerge();
    }

    private void begin(List<Run> chosen, RecordTable memory) {
        boolean oldest = chosen.getLast() == runs.list().getLast();
        long bytes = 0;
        for (Run run : chosen) {
            bytes += run.heldBytes();
        }
        int wanted = (int) (bytes / RunPages.PAGE_BYTES) + 1;
        boolean enough = memory.keptCount() >= wanted;
        KeptPages kept = memory.handOver(wanted, false);
        Merge begun =
                Merge.of(
                        chosen,
                        oldest,
                        table.description(),
                        new Merge.Settings(
                                spill.files(),
                                kept,
                                blockBytes(chosen, memory),
                                oldest || !enough ? 0 : FILTER_BITS_PER_KEY,
                                null,
                                spill.pacer()));
        merge = begun;
        CompletableFuture<@Nullable Run> started = new CompletableFuture<>();
        merging = started;
        try {
            start(begun, kept, started);
        } catch (RejectedExecutionException ending) {
            merge = null;
            merging = null;
            begun.close();
            kept.endAndRelease();
        }
    }

    /// Blocks so large that the fences of a run take little of the table's memory.
    private static int blockBytes(List<Run> merged, RecordTable memory) {
        if (memory.pageCount() < FEW_PAGES) {
            // A merge has hardly more than the page that it is given.
            return RunOptions.LARGE_BLOCK_BYTES;
        }
        long bytes = 0;
        for (Run run : merged) {
            bytes += run.bytes();
        }
        long held = Math.max(1, (long) memory.pageCount() * RunPages.PAGE_BYTES);
        long wanted = bytes * FENCE_BYTES / (held / FENCES_SHARE + 1);
        return Math.clamp(wanted, RunOptions.BLOCK_BYTES, RunOptions.LARGE_BLOCK_BYTES);
    }

    private void start(Merge begun, KeptPages kept, CompletableFuture<@Nullable Run> started) {
        spill.executor()
                .execute(
                        () -> {
                            try {
                                Run output = begun.run();
                                kept.endAndRelease();
                                started.complete(output);
                            } catch (Throwable failed) {
                                kept.endAndRelease();
                                started.completeExceptionally(failed);
                            }
                        });
    }

    /// Whether there are so many runs that the merge under way is waited for.
    boolean isBehind(RecordTable memory) {
        return runs.list().size() > (memory.pageCount() < FEW_PAGES ? 2 : RUNS_MAX);
    }

    /// Waits for the merge under way, if there is one, and takes it in.
    void awaitMerge() {
        CompletableFuture<@Nullable Run> under = merging;
        if (under != null) {
            try {
                under.join();
            } catch (CompletionException failed) {
                // Runs are as they were.
            }
            takeIn(under);
        }
    }

    private void takeIn(CompletableFuture<@Nullable Run> ended) {
        Merge done = merge;
        merging = null;
        merge = null;
        if (done == null) {
            return;
        }
        if (ended.isCompletedExceptionally()) {
            // What was to be merged is as it was; it is tried again with the next run.
            return;
        }
        Run output = ended.join();
        runs.replace(done.inputs(), output);
    }

    /// Ends the merge under way, and waits for that.
    private void endMerge() {
        Merge under = merge;
        CompletableFuture<@Nullable Run> result = merging;
        merge = null;
        merging = null;
        if (under != null && result != null) {
            under.cancel();
            try {
                Run output = result.join();
                if (output != null) {
                    output.release();
                }
            } catch (CancellationException | CompletionException ended) {
                // As asked, or it had failed.
            }
        }
    }

    /// Drops all runs.
    void clear() {
        endMerge();
        runs.close();
        runs = new Runs();
    }
}
