package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;

/// The runs of one table, the newest first: what a newer one says of a key supersedes what older
/// ones say, and what is to be appended collects until the first older PUT or DELETE.
///
/// **Threads.** The table's, for all calls. Scans and merges hold the runs they need and go on, on
/// any thread, whatever is added and replaced here.
public final class Runs implements AutoCloseable {
    /// Takes a run in as the newest one; it is released by this from now on.
    public void addNewest(Run run) {}

    /// Takes a run in as the oldest one, such as one of a checkpoint; it is released by this from
    /// now on.
    public void addOldest(Run run) {}

    /// Puts a merge's output in the place of its inputs, which are released.
    ///
    /// @param inputs runs that follow one another here
    /// @param output null if nothing was left
    /// @throws IllegalArgumentException if the inputs are not here, one after another; nothing was
    ///   changed, and `output` is still the caller's
    public void replace(List<Run> inputs, @Nullable Run output) {}

    /// The newest first.
    public List<Run> list() {
        return List.of();
    }

    /// False if no run has the key. Reads nothing.
    public boolean mayContain(long routing, int kind, byte[] key, int offset, int length) {
        return false;
    }

    /// Looks a key up in all runs; a value, or the parts found, is copied to `out`.
    public Found find(long routing, int kind, byte[] key, int offset, int length, ByteSlot out)
            throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    /// Looks many keys up, reading a block once for all its keys.
    ///
    /// @param batch gets the answers
    public void find(FindBatch batch) throws IOException {}

    /// As the other, with several threads reading at a time. Waits until all have ended, also if
    /// one fails.
    ///
    /// @param executor runs the parts; the calling thread does one itself
    /// @param parts how many there are, at least 1; a block at the border of two may be read twice
    public void find(FindBatch batch, Executor executor, int parts) throws IOException {}

    /// All entries with routings from `firstRouting` to `lastRouting`, both included and unsigned,
    /// each key once, as the newest run that has it says.
    ///
    /// @param showDeleted whether keys that were removed are shown, as DELETE, and parts of which
    ///   no older value is known as APPEND; if not, removed keys are passed over and parts are PUT
    public RunScan scan(long firstRouting, long lastRouting, boolean showDeleted)
            throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    public RunsStatistics statistics() {
        throw new UnsupportedOperationException("being written");
    }

    /// Releases all runs. Closing again does nothing.
    @Override
    public void close() {}
}
