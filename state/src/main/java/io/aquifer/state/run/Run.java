package io.aquifer.state.run;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.file.CorruptStateFileException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/// A run that is open for reading: a file of a [RunWriter], never changed, and in pages its fences
/// (32 bytes for each block, so that one read of one block finds a key) and its filter.
///
/// **Damage.** Whatever was read is compared with its checksum before it is used:
/// [CorruptStateFileException] names file and place.
///
/// **Holding.** As a [RunFile]: held once by who opened it; scans and merges hold it while they
/// last. The last one to let go gives the pages back and releases the file.
///
/// **Threads.** Any, each with a [BlockBuffer] of its own.
public final class Run {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.getAndIncrement();
    private final RunFile file;
    private final RunInput input;
    private final RunDescription description;
    private final RunIndex index;
    private final Fences fences;
    private final @Nullable Filter filter;
    private final Holds holds;

    /// The part of the run that counts, both ends included and unsigned.
    private final long lowest;

    private final long highest;

    private Run(
            RunFile file,
            RunInput input,
            RunDescription description,
            RunIndex index,
            long lowest,
            long highest) {
        this.lowest = lowest;
        this.highest = highest;
        this.file = file;
        this.input = input;
        this.description = description;
        this.index = index;
        this.fences = index.fences();
        this.filter = index.filter();
        this.holds = new Holds("run '" + file.name() + "'");
    }

    /// Opens a complete file. The file belongs to the run from now on, and is released also if this
    /// throws.
    ///
    /// @param expected what the file must say of itself, but for subtask and key groups; the run's
    ///   routings are read with its key group bits
    /// @param pages for fences, which it cannot do without, and for the filter, which it can
    /// @throws MemoryExhaustedException if there is no room for the fences; nothing is held
    public static Run open(RunFile file, RunDescription expected, RunPages pages)
            throws IOException {
        return open(file, expected, pages, 0, -1);
    }

    /// As the other; of the run only the entries count whose routings lie between `lowest` and
    /// `highest`, both included and unsigned. The rest is another subtask's.
    public static Run open(
            RunFile file, RunDescription expected, RunPages pages, long lowest, long highest)
            throws IOException {
        boolean opened = false;
        try {
            RunInput input = new RunInput(file);
            RunIndex index = RunIndexReader.read(input, expected, pages);
            Run run = new Run(file, input, index.description(), index, lowest, highest);
            opened = true;
            return run;
        } finally {
            if (!opened) {
                file.release();
            }
        }
    }

    /// Tells runs apart, also those that are gone.
    long number() {
        return number;
    }

    String name() {
        return file.name();
    }

    RunInput input() {
        return input;
    }

    Fences fences() {
        return fences;
    }

    @Nullable Filter filter() {
        return filter;
    }

    public RunFile file() {
        return file;
    }

    /// What the file says of itself.
    public RunDescription description() {
        return description;
    }

    /// Whether older runs have to be considered.
    public boolean isChanges() {
        return index.isChanges();
    }

    public long entries() {
        return index.entries();
    }

    /// The file's length.
    public long bytes() {
        return input.length();
    }

    public int blocks() {
        return fences.count();
    }

    /// At most the lowest routing of an entry that counts, as an unsigned number; without entries,
    /// above [#lastRouting].
    public long firstRouting() {
        return fences.count() == 0 ? -1 : higher(lowest, fences.routing(0));
    }

    /// At least the highest routing of an entry that counts.
    public long lastRouting() {
        return lower(highest, index.lastRouting());
    }

    /// The routings of the run that count: no less than this one.
    public long lowest() {
        return lowest;
    }

    /// The routings of the run that count: no more than this one.
    public long highest() {
        return highest;
    }

    private static long higher(long a, long b) {
        return Long.compareUnsigned(a, b) > 0 ? a : b;
    }

    private static long lower(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    /// Bytes of the filter that are held in pages; 0 where there is none.
    public long filterBytes() {
        return filter == null ? 0 : filter.heldBytes();
    }

    /// Bytes of all pages held.
    public long heldBytes() {
        return fences.heldBytes() + filterBytes();
    }

    /// About how many bytes of entries lie in a range of routings, both included: all blocks that
    /// such entries may be in.
    public long bytesBetween(long firstRouting, long lastRouting) {
        long bytes = 0;
        int last = fences.lastAtMost(lastRouting);
        for (int block = firstBlock(firstRouting); block <= last; block++) {
            bytes += fences.bytes(block);
        }
        return bytes;
    }

    /// The first block that may have an entry with at least this routing.
    int firstBlock(long routing) {
        return routing == 0 ? 0 : Math.max(0, fences.lastAtMost(routing - 1));
    }

    /// Whether the key lies between the first and the last entry, by routing.
    boolean covers(long routing) {
        return Long.compareUnsigned(routing, firstRouting()) >= 0
                && Long.compareUnsigned(routing, lastRouting()) <= 0;
    }

    /// False if the key is certainly not in the run. Reads nothing.
    public boolean mayContain(long routing, int kind, byte[] key, int offset, int length) {
        return covers(routing)
                && (filter == null
                        || filter.mayContain(Filter.hash(routing, kind, key, offset, length)));
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
        return mayContain(routing, kind, key, offset, length)
                ? findUnfiltered(routing, kind, key, offset, length, buffer, out)
                : Found.ABSENT;
    }

    /// As [#find], without asking the filter.
    Found findUnfiltered(
            long routing,
            int kind,
            byte[] key,
            int offset,
            int length,
            BlockBuffer buffer,
            ByteSlot out)
            throws IOException {
        int block = blockOf(routing, kind, key, offset, length, buffer);
        if (block < 0 || !buffer.find(this, block, routing, kind, key, offset, length)) {
            return Found.ABSENT;
        }
        int op = buffer.entries.op;
        if (op == RunLayout.DELETE) {
            return Found.DELETED;
        }
        buffer.readValue(this, block, out);
        return op == RunLayout.PUT ? Found.VALUE : Found.PARTS;
    }

    /// The only block in which a key can be, or -1.
    int blockOf(long routing, int kind, byte[] key, int offset, int length, BlockBuffer buffer)
            throws IOException {
        int block = fences.find(routing, kind, key, offset, length);
        if (block <= 0 || !fences.isCut(block)) {
            return block;
        }
        // Keys that agree in more bytes than a fence has: the blocks themselves have to be asked.
        int low = fences.firstWithFenceOf(block) - 1;
        int high = block;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (buffer.beginsAtMost(this, middle, routing, kind, key, offset, length)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /// The entries with routings from `firstRouting` to `lastRouting`, both included and unsigned;
    /// reads only blocks that such entries may be in.
    public RunScan scan(long firstRouting, long lastRouting) {
        return scanOf(firstRouting, lastRouting);
    }

    SingleScan scanOf(long firstRouting, long lastRouting) {
        return new SingleScan(this, higher(firstRouting, lowest), lower(lastRouting, highest));
    }

    /// Reads everything and checks every checksum.
    public void verify() throws IOException {
        RunSummary.verify(file);
    }

    CorruptStateFileException damagedBlock(int block, String what) {
        return CorruptStateFileException.damaged(
                name(),
                fences.offset(block),
                "block %,d of %,d, of state '%s': %s"
                        .formatted(block, fences.count(), description.section().name(), what));
    }

    /// Holds the run once more.
    ///
    /// @throws IllegalStateException if nobody holds it any more
    public void retain() {
        holds.add();
    }

    /// Gives up one hold.
    ///
    /// @throws IllegalStateException if nobody holds it any more
    public void release() {
        if (holds.drop()) {
            index.release();
            file.release();
        }
    }

    @Override
    public String toString() {
        return "%s: %,d entries, %,d bytes".formatted(name(), entries(), bytes());
    }
}
