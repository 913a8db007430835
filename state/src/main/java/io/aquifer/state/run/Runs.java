package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/// The runs of one table, the newest first: what a newer one says of a key supersedes what older
/// ones say, and what is to be appended collects until the first older PUT or DELETE.
///
/// **Threads.** The table's, for all calls. Scans and merges hold the runs they need and go on, on
/// any thread, whatever is added and replaced here.
public final class Runs implements AutoCloseable {
    private static final Run[] NONE = {};

    /// The newest first; replaced, never changed.
    private Run[] runs = NONE;

    private final Lookup lookup = new Lookup();

    /// What other threads did.
    private LookupCounts counts = LookupCounts.NONE;

    private boolean closed;

    /// None yet.
    public Runs() {}

    /// Takes a run in as the newest one; it is released by this from now on.
    public void addNewest(Run run) {
        requireOpen();
        Run[] more = new Run[runs.length + 1];
        more[0] = run;
        System.arraycopy(runs, 0, more, 1, runs.length);
        runs = more;
    }

    /// Takes a run in as the oldest one, such as one of a checkpoint; it is released by this from
    /// now on.
    public void addOldest(Run run) {
        requireOpen();
        Run[] more = Arrays.copyOf(runs, runs.length + 1);
        more[runs.length] = run;
        runs = more;
    }

    /// Puts a merge's output in the place of its inputs, which are released.
    ///
    /// @param inputs runs that follow one another here
    /// @param output null if nothing was left
    /// @throws IllegalArgumentException if the inputs are not here, one after another; nothing was
    ///   changed, and `output` is still the caller's
    public void replace(List<Run> inputs, @Nullable Run output) {
        requireOpen();
        int first = indexOf(inputs);
        List<Run> fewer = new ArrayList<>(List.of(runs));
        fewer.subList(first, first + inputs.size()).clear();
        if (output != null) {
            fewer.add(first, output);
        }
        runs = fewer.toArray(NONE);
        inputs.forEach(Run::release);
    }

    private int indexOf(List<Run> inputs) {
        List<Run> present = List.of(runs);
        int first = inputs.isEmpty() ? -1 : present.indexOf(inputs.getFirst());
        if (first < 0
                || first + inputs.size() > runs.length
                || !present.subList(first, first + inputs.size()).equals(inputs)) {
            throw new IllegalArgumentException(
                    "the runs to replace do not follow one another here: "
                            + inputs
                            + " in "
                            + present);
        }
        return first;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the runs of this table were closed before");
        }
    }

    /// The newest first.
    public List<Run> list() {
        return List.of(runs);
    }

    /// False if no run has the key. Reads nothing.
    public boolean mayContain(long routing, int kind, byte[] key, int offset, int length) {
        for (Run run : runs) {
            if (run.mayContain(routing, kind, key, offset, length)) {
                return true;
            }
        }
        return false;
    }

    /// Looks a key up in all runs; a value, or the parts found, is copied to `out`.
    public Found find(long routing, int kind, byte[] key, int offset, int length, ByteSlot out)
            throws IOException {
        requireOpen();
        return lookup.find(runs, routing, kind, key, offset, length, out);
    }

    /// Looks many keys up, reading a block once for all its keys. (But where keys of one routing
    /// agree in more than 255 bytes, for which blocks themselves have to be asked.)
    ///
    /// @param batch gets the answers
    public void find(FindBatch batch) throws IOException {
        requireOpen();
        batch.sort();
        new BatchPart(batch, runs, lookup, 0, batch.count()).find();
    }

    /// As the other, with several threads reading at a time. Waits until all have ended, also if
    /// one fails.
    ///
    /// @param executor runs the parts; the calling thread does one itself
    /// @param parts how many there are, at least 1; a block at the border of two may be read twice
    public void find(FindBatch batch, Executor executor, int parts) throws IOException {
        requireOpen();
        batch.sort();
        counts = counts.with(BatchParts.find(batch, runs, lookup, executor, parts));
    }

    /// All entries with routings from `firstRouting` to `lastRouting`, both included and unsigned,
    /// each key once, as the newest run that has it says.
    ///
    /// @param showDeleted whether keys that were removed are shown, as DELETE, and parts of which
    ///   no older value is known as APPEND; if not, removed keys are passed over and parts are PUT
    public RunScan scan(long firstRouting, long lastRouting, boolean showDeleted) {
        requireOpen();
        return MergedScan.of(List.of(runs), firstRouting, lastRouting, !showDeleted);
    }

    public RunsStatistics statistics() {
        long entries = 0;
        long bytes = 0;
        long filterBytes = 0;
        long heldBytes = 0;
        for (Run run : runs) {
            entries += run.entries();
            bytes += run.bytes();
            filterBytes += run.filterBytes();
            heldBytes += run.heldBytes();
        }
        LookupCounts all = counts.with(LookupCounts.NONE.with(lookup));
        return new RunsStatistics(
                runs.length,
                entries,
                bytes,
                filterBytes,
                heldBytes,
                all.finds(),
                all.blocksRead(),
                all.bytesRead(),
                all.filterNegatives(),
                all.filterPositives(),
                all.filterFalsePositives());
    }

    /// Releases all runs. Closing again does nothing.
    @Override
    public void close() {
        closed = true;
        Run[] released = runs;
        runs = NONE;
        for (Run run : released) {
            run.release();
        }
    }
}
