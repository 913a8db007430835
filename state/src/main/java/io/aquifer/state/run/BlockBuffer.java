package io.aquifer.state.run;

import io.aquifer.state.ByteSlot;
import io.aquifer.state.file.CorruptStateFileException;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;
import java.util.zip.CRC32C;

/// Memory for one block of a run, used by one thread at a time for one lookup after the other.
///
/// A block of up to 256 KiB is read whole. A larger one has one entry: of it only the part up to
/// the end of the key is kept, and the value goes from the file to where it is wanted. Either way
/// nothing is shown before the checksum of all of the block was right.
public final class BlockBuffer {
    /// As much of a value as is in memory in any case.
    static final int VALUE_HEAD = 64;

    private static final int WHOLE_MAX = 256 * 1024;
    private static final int PART = 64 * 1024;
    private static final byte[] NOTHING = {};

    final BlockEntries entries = new BlockEntries();
    private final CRC32C crc = new CRC32C();
    private byte[] bytes = NOTHING;
    private byte[] part = NOTHING;

    /// What is loaded: the number of its run and of its block.
    private long loadedRun = -1;

    private int loadedBlock;

    /// How much of the block is in memory; less than all if it is a large one.
    private int loadedBytes;

    private long blocksRead;
    private long bytesRead;

    /// With nothing in it.
    public BlockBuffer() {}

    /// Blocks read so far.
    long blocksRead() {
        return blocksRead;
    }

    long bytesRead() {
        return bytesRead;
    }

    /// Goes before the first entry of a block, which is read unless it was the last one.
    void load(Run run, int block) throws IOException {
        if (run.number() == loadedRun && block == loadedBlock) {
            entries.rewind();
            return;
        }
        if (run.fences().bytes(block) <= WHOLE_MAX) {
            loadWhole(run, block);
        } else {
            loadHead(run, block);
            checkRest(run, block);
        }
        loadedRun = run.number();
        loadedBlock = block;
    }

    /// Goes to the entry with a key; false if the block has none. The value is to be read next: of
    /// a large block only that checks all of it.
    boolean find(Run run, int block, long routing, int kind, byte[] key, int offset, int length)
            throws IOException {
        if (run.fences().bytes(block) <= WHOLE_MAX) {
            load(run, block);
            return entries.find(routing, kind, key, offset, length);
        }
        loadHead(run, block);
        boolean found = entries.find(routing, kind, key, offset, length);
        if (!found || hasValue()) {
            checkRest(run, block);
        }
        return found;
    }

    /// Whether a block's first entry is at most a key.
    boolean beginsAtMost(
            Run run, int block, long routing, int kind, byte[] key, int offset, int length)
            throws IOException {
        load(run, block);
        entries.next();
        int order = Long.compareUnsigned(entries.routing, routing);
        return order < 0 || order == 0 && entries.compareKey(kind, key, offset, length) <= 0;
    }

    private void loadWhole(Run run, int block) throws IOException {
        loadedRun = -1;
        Fences fences = run.fences();
        int size = fences.bytes(block);
        if (bytes.length > WHOLE_MAX + Long.BYTES) {
            bytes = NOTHING;
        }
        reserve(size);
        read(run, block, 0, bytes, 0, size);
        blocksRead++;
        loadedBytes = size;
        crc.reset();
        crc.update(bytes, 0, Layout.BLOCK_CHECKED);
        crc.update(bytes, Layout.BLOCK_HEADER, size - Layout.BLOCK_HEADER);
        checkChecksum(run, block);
        checkHeader(run, block);
        entries.open(bytes, size, fences.entries(block), run.name(), fences.offset(block));
    }

    private void reserve(int size) {
        if (size + Long.BYTES > bytes.length) {
            bytes = new byte[Math.max(size, PART / 4) + Long.BYTES];
        }
    }

    private void read(Run run, int block, int from, byte[] to, int at, int count)
            throws IOException {
        run.input().read(run.fences().offset(block) + from, to, at, count);
        bytesRead += count;
    }

    private void checkChecksum(Run run, int block) throws CorruptStateFileException {
        int checksum = (int) crc.getValue();
        Fences fences = run.fences();
        if (checksum != fences.checksum(block)) {
            throw run.damagedBlock(
                    block,
                    "the checksum of its %,d bytes is 0x%08x and was 0x%08x"
                            .formatted(fences.bytes(block), checksum, fences.checksum(block)));
        }
    }

    /// Checks that header and fence agree; both are what was written.
    private void checkHeader(Run run, int block) throws CorruptStateFileException {
        Fences fences = run.fences();
        int payload = fences.bytes(block) - Layout.BLOCK_HEADER;
        boolean fits =
                payload >= RunLayout.ENTRIES
                        && Layout.getInt(bytes, 0) == Layout.BLOCK_MAGIC
                        && Layout.getInt(bytes, 4) == payload
                        && Layout.getInt(bytes, 16) == fences.entries(block)
                        && bytes[28] == Layout.ORDERED_RUN
                        && bytes[29] == Layout.STORED
                        && Layout.getLong(bytes, Layout.BLOCK_HEADER) == fences.routing(block)
                        && bytes[Layout.BLOCK_HEADER + Long.BYTES]
                                == run.description().keyGroupBits();
        if (!fits) {
            throw run.damagedBlock(block, "its header is not what its fence says");
        }
    }

    /// Reads of a block with one entry what is before its value, and some of that.
    private void loadHead(Run run, int block) throws IOException {
        loadedRun = -1;
        Fences fences = run.fences();
        int size = fences.bytes(block);
        reserve(PART);
        read(run, block, 0, bytes, 0, PART);
        blocksRead++;
        loadedBytes = PART;
        openHead(run, block);
        long wanted = Math.min((long) entries.valueOffset + VALUE_HEAD, size);
        if (wanted > PART) {
            byte[] head = bytes;
            bytes = NOTHING;
            reserve((int) wanted);
            System.arraycopy(head, 0, bytes, 0, PART);
            read(run, block, PART, bytes, PART, (int) wanted - PART);
            loadedBytes = (int) wanted;
            openHead(run, block);
        }
        entries.rewind();
    }

    private void openHead(Run run, int block) throws IOException {
        Fences fences = run.fences();
        checkHeader(run, block);
        entries.open(
                bytes,
                fences.bytes(block),
                fences.entries(block),
                run.name(),
                fences.offset(block));
        entries.next();
    }

    /// Checks a block of which the beginning is in memory.
    private void checkRest(Run run, int block) throws IOException {
        beginChecksum(loadedBytes);
        int size = run.fences().bytes(block);
        for (int done = loadedBytes; done < size; ) {
            int count = Math.min(size - done, PART);
            read(run, block, done, part(), 0, count);
            crc.update(part, 0, count);
            done += count;
        }
        checkChecksum(run, block);
    }

    private void beginChecksum(int to) {
        crc.reset();
        crc.update(bytes, 0, Layout.BLOCK_CHECKED);
        crc.update(bytes, Layout.BLOCK_HEADER, to - Layout.BLOCK_HEADER);
    }

    private byte[] part() {
        if (part.length == 0) {
            part = new byte[PART];
        }
        return part;
    }

    /// Whether the value of the entry it stands at is in memory.
    boolean hasValue() {
        return entries.valueOffset + entries.valueLength <= loadedBytes;
    }

    /// Copies the value of the entry it stands at.
    void readValue(Run run, int block, ByteSlot out) throws IOException {
        int length = entries.valueLength;
        byte[] to = out.resize(length);
        readValue(run, block, to, 0);
    }

    void readValue(Run run, int block, byte[] to, int offset) throws IOException {
        int length = entries.valueLength;
        if (hasValue()) {
            System.arraycopy(bytes, entries.valueOffset, to, offset, length);
        } else {
            read(run, block, entries.valueOffset, to, offset, length);
            beginChecksum(entries.valueOffset);
            crc.update(to, offset, length);
            checkChecksum(run, block);
        }
    }

    /// Copies the first bytes of the value, at most [#VALUE_HEAD].
    int readValueHead(byte[] to, int offset, int count) {
        int some = Math.min(Math.min(count, VALUE_HEAD), entries.valueLength);
        System.arraycopy(bytes, entries.valueOffset, to, offset, some);
        return some;
    }

    /// Adds the value, as one part or several, to an entry that was begun.
    void copyValue(Run run, int block, RunWriter out) throws IOException {
        int length = entries.valueLength;
        if (hasValue()) {
            out.valuePart(bytes, entries.valueOffset, length);
            return;
        }
        beginChecksum(entries.valueOffset);
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, PART);
            read(run, block, entries.valueOffset + done, part(), 0, count);
            crc.update(part, 0, count);
            out.valuePart(part, 0, count);
            done += count;
        }
        try {
            checkChecksum(run, block);
        } catch (CorruptStateFileException damaged) {
            out.giveUp();
            throw damaged;
        }
    }
}
