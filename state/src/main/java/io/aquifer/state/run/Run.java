package io.aquifer.state.run;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.state.ByteSlot;

import java.io.IOException;

/// A run that is open for reading: a file of a [RunWriter], never changed, and in pages its fences
/// (32 bytes for each block, so that one read of one block finds a key) and its filter.
///
/// **Damage.** Whatever was read is compared with its checksum before it is used:
/// [io.aquifer.state.file.CorruptStateFileException] names file and place.
///
/// **Holding.** As a [RunFile]: held once by who opened it; scans and merges hold it while they
/// last. The last one to let go gives the pages back and releases the file.
///
/// **Threads.** Any, each with a [BlockBuffer] of its own.
public final class Run {
    private Run() {}

    /// Opens a complete file. The file belongs to the run from now on, and is released also if this
    /// throws.
    ///
    /// @param expected what the file must say of itself, but for subtask and key groups; the run's
    ///   routings are read with its key group bits
    /// @param pages for fences, which it cannot do without, and for the filter, which it can
    /// @throws MemoryExhaustedException if there is no room for the fences; nothing is held
    public static Run open(RunFile file, RunDescription expected, RunPages pages)
            throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    public RunFile file() {
        throw new UnsupportedOperationException("being written");
    }

    /// What the file says of itself.
    public RunDescription description() {
        throw new UnsupportedOperationException("being written");
    }

    /// Whether older runs have to be considered.
    public boolean isChanges() {
        return false;
    }

    public long entries() {
        return 0;
    }

    /// The file's length.
    public long bytes() {
        return 0;
    }

    public int blocks() {
        return 0;
    }

    /// The lowest routing of an entry, as an unsigned number; without entries, above
    /// [#lastRouting].
    public long firstRouting() {
        return 0;
    }

    /// The highest routing of an entry.
    public long lastRouting() {
        return 0;
    }

    /// Bytes of the filter that are held in pages; 0 where there is none.
    public long filterBytes() {
        return 0;
    }

    /// Bytes of all pages held.
    public long heldBytes() {
        return 0;
    }

    /// About how many bytes of entries lie in a range of routings, both included: all blocks that
    /// such entries may be in.
    public long bytesBetween(long firstRouting, long lastRouting) {
        return 0;
    }

    /// False if the key is certainly not in the run. Reads nothing.
    public boolean mayContain(long routing, int kind, byte[] key, int offset, int length) {
        return false;
    }

    /// Looks a key up, with one read of one block unless the filter excludes it. A value, or the
    /// bytes to append, is copied to `out`.
    public Found find(
            long routing,
            int kind,
            byte[] key,
            int offset,
            int length,
            BlockBuffer buffer,
            ByteSlot out)
            throws IOException {
        throw new UnsupportedOperationException("being written");
    }

    /// The entries with routings from `firstRouting` to `lastRouting`, both included and unsigned;
    /// reads only blocks that such entries may be in.
    public RunScan scan(long firstRouting, long lastRouting) {
        throw new UnsupportedOperationException("being written");
    }

    /// Reads everything and checks every checksum.
    public void verify() throws IOException {}

    /// Holds the run once more.
    ///
    /// @throws IllegalStateException if nobody holds it any more
    public void retain() {}

    /// Gives up one hold.
    ///
    /// @throws IllegalStateException if nobody holds it any more
    public void release() {}
}
