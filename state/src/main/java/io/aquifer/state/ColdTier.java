package io.aquifer.state;

import io.aquifer.state.run.Found;
import io.aquifer.state.run.Merge;
import io.aquifer.state.run.Run;
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

/// What of a table is on disk: immutable runs, newer ones before older ones, and the merge of some
/// of them that is under way.
///
/// **Threads.** The table's; a merge runs on the executor of [TableSpill] and its output is taken
/// in by the table's thread.
final class ColdTier {
    private static final int FILTER_BITS_PER_KEY = 10;

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
        try {
            return runs.scan(first, last, false);
        } catch (IOException refusal) {
            throw notRead(refusal);
        }
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

    /// Makes a run of what `content` writes, and the newest of all; or throws, with nothing
    /// changed.
    ///
    /// @param entries how many come at most
    void add(long entries, Content content) throws IOException {
        RunFile file = spill.files().create();
        boolean complete = false;
        try {
            RunOptions options = RunOptions.withFilter(FILTER_BITS_PER_KEY, entries);
            try (RunWriter out = RunWriter.open(file, table.description(), true, options, pages)) {
                content.writeTo(out);
                out.finish();
            }
            complete = true;
        } finally {
            if (!complete) {
                file.release();
            }
        }
        runs.addNewest(Run.open(file, table.description(), pages));
    }

    /// Takes in a merge that has ended, and begins one where there is need. Waits for nothing.
    void tidy() {
        CompletableFuture<@Nullable Run> under = merging;
        if (under != null) {
            if (!under.isDone()) {
                return;
            }
            takeIn(under);
        }
        List<Run> chosen = SizeTiers.DEFAULT.choose(runs.list());
        if (chosen == null) {
            return;
        }
        boolean oldest = chosen.getLast() == runs.list().getLast();
        Merge begun =
                Merge.of(
                        chosen,
                        oldest,
                        new Merge.Settings(
                                spill.files(),
                                pages,
                                oldest ? 0 : FILTER_BITS_PER_KEY,
                                null,
                                spill.pacer()));
        merge = begun;
        CompletableFuture<@Nullable Run> started = new CompletableFuture<>();
        merging = started;
        spill.executor()
                .execute(
                        () -> {
                            try {
                                started.complete(begun.run());
                            } catch (Throwable failed) {
                                started.completeExceptionally(failed);
                            }
                        });
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
            } catch (CancellationException | java.util.concurrent.CompletionException ended) {
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
