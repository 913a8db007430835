package io.aquifer.state.run;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.file.layout.Layout;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Packs entries into blocks, in the output's buffer, and notes fences, filter and ranges.
///
/// An entry that does not fit the rest of a block begins another one. One that fits none gets a
/// block of its own, which passes through the buffer; its checksum, which lies before it, is put in
/// afterwards.
final class EntryWriter {
    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int WORDS_MAX = 64;
    private static final int PAGE_MASK = RunPages.PAGE_BYTES - 1;
    private static final byte[] NOTHING = {};

    private final RunOutput out;
    private final RunEnd end;
    private final RunDescription description;
    private final int blockBytes;
    private final int filterBits;
    private final Fences fences;
    private final @Nullable Filter filter;
    private final Ranges ranges = new Ranges();
    private final CRC32C crc = new CRC32C();
    private final int[] anchors;

    /// Where the block begins that is being filled; negative if there is none.
    private int block = -1;

    private int blockEntries;
    private long blockRouting;

    /// The entry before; its key is in the buffer while its block is being filled.
    private long lastRouting;

    private int lastKind;
    private byte[] lastKey = NOTHING;
    private int lastKeyOffset;
    private int lastKeyLength;
    private byte[] savedKey = new byte[64];

    /// What the fence of the block that was begun needs after the routing.
    private final byte[] tail = new byte[RunLayout.TAIL_KEY_MAX];

    private int tailLength;
    private int tailKind;
    private boolean tailCut;
    private boolean hasTail;

    /// The first entry of the block is still to come, and its routing is not enough.
    private boolean tailNeeded;

    /// An entry that gets a block of its own is being written.
    private boolean alone;

    private final byte[] aloneHeader = new byte[Layout.BLOCK_HEADER];
    private long aloneOffset;

    private byte[] scratch = NOTHING;
    private long count;
    private boolean failed;

    EntryWriter(RunOutput out, RunEnd end, RunOptions options, RunPages pages) {
        this.out = out;
        this.end = end;
        this.description = end.description();
        this.blockBytes = options.blockBytes();
        this.filterBits = options.filterBitsPerKey();
        this.fences = new Fences(pages);
        this.filter = Filter.tryOpen(pages, filterBits, options.expectedEntries());
        this.anchors = new int[1 + blockBytes / (2 << RunLayout.ANCHOR_SHIFT)];
    }

    String name() {
        return out.name();
    }

    boolean failed() {
        return failed || out.failed();
    }

    void giveUp() {
        failed = true;
    }

    long count() {
        return count;
    }

    long length() {
        return out.offset();
    }

    void beginRange() throws IOException {
        endBlock();
        ranges.end(lastRouting);
    }

    /// Begins an entry: its value follows by [#part], then [#end].
    void begin(int op, long routing, int kind, byte[] key, int offset, int length, int valueLength)
            throws IOException {
        checkEntry(op, kind, valueLength);
        if (!isAfterLast(routing)) {
            checkAfterLast(routing, kind, key, offset, length);
        }
        if (filter != null) {
            filter.add(Filter.hash(routing, kind, key, offset, length));
        }
        if (head(op, routing, kind, length, valueLength)) {
            System.arraycopy(key, offset, out.buffer, out.position, length);
            keyIsPlaced(routing, kind, length);
        } else {
            headAlone(op, routing, kind, length, valueLength);
            keyAlone(routing, kind, key, offset, length);
        }
    }

    void begin(int op, long routing, int kind, long key, int length, int valueLength)
            throws IOException {
        checkEntry(op, kind, valueLength);
        if (!isAfterLast(routing)) {
            checkAfterLast(routing, kind, copied(key, length), 0, length);
        }
        if (filter != null) {
            filter.add(Filter.hash(routing, kind, key, length));
        }
        if (head(op, routing, kind, length, valueLength)) {
            copy(key, out.buffer, out.position, length);
            keyIsPlaced(routing, kind, length);
        } else {
            headAlone(op, routing, kind, length, valueLength);
            keyAlone(routing, kind, copied(key, length), 0, length);
        }
    }

    private byte[] copied(long address, int length) {
        if (length > scratch.length) {
            scratch = new byte[length + 64];
        }
        PageAccess.copy(address, scratch, 0, length);
        return scratch;
    }

    private void checkEntry(int op, int kind, int valueLength) {
        if ((kind & ~RunLayout.KIND_MAX) != 0
                || op != RunLayout.PUT
                        && (!end.isChanges() || op == RunLayout.DELETE && valueLength != 0)) {
            failed = true;
            throw new IllegalArgumentException(
                    "run '%s' takes kinds 0 to %d, DELETE without a value, and DELETE and APPEND only as changes to older runs; this one is %s of kind %d with a value of %,d bytes, in a run that %s"
                            .formatted(
                                    name(),
                                    RunLayout.KIND_MAX,
                                    RunLayout.name(op),
                                    kind,
                                    valueLength,
                                    end.isChanges() ? "holds changes" : "does not hold changes"));
        }
    }

    /// Whether the routing is enough to see that an entry comes after the one before.
    private boolean isAfterLast(long routing) {
        return ranges.isNew() || Long.compareUnsigned(routing, lastRouting) > 0;
    }

    private void checkAfterLast(long routing, int kind, byte[] key, int offset, int length) {
        if (routing == lastRouting
                && (kind > lastKind
                        || kind == lastKind
                                && Arrays.compareUnsigned(
                                                key,
                                                offset,
                                                offset + length,
                                                lastKey,
                                                lastKeyOffset,
                                                lastKeyOffset + lastKeyLength)
                                        > 0)) {
            return;
        }
        failed = true;
        throw new IllegalArgumentException(
                "run '%s': an entry with routing 0x%016x, kind %d and a key of %,d bytes does not come after the one with routing 0x%016x, kind %d and a key of %,d bytes in the same range"
                        .formatted(
                                name(),
                                routing,
                                kind,
                                length,
                                lastRouting,
                                lastKind,
                                lastKeyLength));
    }

    /// Writes what is before the key of an entry, in this block or another; false, with no block
    /// begun, if it fits none.
    private boolean head(int op, long routing, int kind, int keyLength, int valueLength)
            throws IOException {
        int head = 2 + moreBytes(keyLength) + moreBytes(valueLength);
        long body = (long) keyLength + valueLength;
        if (block >= 0) {
            boolean anchor = (blockEntries & RunLayout.ANCHOR_MASK) == 0;
            long part = routing - (anchor ? blockRouting : lastRouting);
            int routingBytes = RunLayout.routingBytes(part);
            int anchorCount = RunLayout.anchors(blockEntries + 1);
            int used = out.position - block - Layout.BLOCK_HEADER + 2 * anchorCount;
            if (used + head + routingBytes + body <= blockBytes) {
                if (anchor) {
                    anchors[anchorCount - 1] = out.position - block - Layout.BLOCK_HEADER;
                }
                putHead(op, kind, keyLength, valueLength, part, routingBytes);
                return true;
            }
            endBlock();
        }
        if (RunLayout.ENTRIES + head + body > blockBytes) {
            return false;
        }
        beginBlock(routing);
        putHead(op, kind, keyLength, valueLength, 0, 0);
        return true;
    }

    private static int moreBytes(int length) {
        return length < RunLayout.LENGTH_MORE
                ? 0
                : Layout.varintBytes(length - RunLayout.LENGTH_MORE);
    }

    private void putHead(
            int op, int kind, int keyLength, int valueLength, long part, int routingBytes) {
        byte[] buffer = out.buffer;
        int at = out.position;
        buffer[at] =
                (byte) (op << RunLayout.OP_SHIFT | kind << RunLayout.KIND_SHIFT | routingBytes);
        buffer[at + 1] =
                (byte)
                        (Math.min(keyLength, RunLayout.LENGTH_MORE)
                                | Math.min(valueLength, RunLayout.LENGTH_MORE)
                                        << RunLayout.VALUE_SHIFT);
        at += 2;
        if (keyLength >= RunLayout.LENGTH_MORE) {
            at = Layout.putVarint(buffer, at, keyLength - RunLayout.LENGTH_MORE);
        }
        if (valueLength >= RunLayout.LENGTH_MORE) {
            at = Layout.putVarint(buffer, at, valueLength - RunLayout.LENGTH_MORE);
        }
        Layout.putLong(buffer, at, part);
        out.position = at + routingBytes;
    }

    private void beginBlock(long routing) throws IOException {
        out.room(Layout.BLOCK_HEADER + blockBytes);
        block = out.position;
        blockEntries = 0;
        beginPayload(routing);
    }

    private void beginPayload(long routing) {
        hasTail = false;
        tailNeeded = !ranges.isNew() && routing == lastRouting;
        if (ranges.isNew()) {
            ranges.begin(fences.count(), routing);
        }
        blockRouting = routing;
        int payload = out.position + Layout.BLOCK_HEADER;
        Layout.putLong(out.buffer, payload, routing);
        out.buffer[payload + Long.BYTES] = (byte) description.keyGroupBits();
        out.position = payload + RunLayout.ENTRIES;
    }

    /// The key of an entry has been copied to where the output's next byte goes.
    private void keyIsPlaced(long routing, int kind, int length) {
        if (tailNeeded) {
            makeTail(kind, out.buffer, out.position, length);
        }
        lastRouting = routing;
        lastKind = kind;
        lastKey = out.buffer;
        lastKeyOffset = out.position;
        lastKeyLength = length;
        out.position += length;
    }

    /// Notes what the fence of a block needs to tell its first entry from the last one before.
    private void makeTail(int kind, byte[] key, int offset, int length) {
        tailNeeded = false;
        hasTail = true;
        tailKind = kind;
        tailLength = 0;
        tailCut = false;
        if (kind == lastKind) {
            int common =
                    Arrays.mismatch(
                            key,
                            offset,
                            offset + length,
                            lastKey,
                            lastKeyOffset,
                            lastKeyOffset + lastKeyLength);
            tailCut = common >= RunLayout.TAIL_KEY_MAX;
            tailLength = tailCut ? RunLayout.TAIL_KEY_MAX : common + 1;
            System.arraycopy(key, offset, tail, 0, tailLength);
        }
    }

    /// The next part of the value.
    void part(byte[] bytes, int offset, int length) throws IOException {
        if (alone) {
            partAlone(bytes, offset, length);
        } else {
            System.arraycopy(bytes, offset, out.buffer, out.position, length);
            out.position += length;
        }
    }

    void part(long address, int length) throws IOException {
        if (alone) {
            partAlone(address, length);
        } else {
            copy(address, out.buffer, out.position, length);
            out.position += length;
        }
    }

    /// Copies out of a page; up to seven bytes behind the end are overwritten.
    private static void copy(long address, byte[] to, int at, int length) {
        if (length > WORDS_MAX
                || (address & PAGE_MASK) + length > RunPages.PAGE_BYTES - Long.BYTES) {
            PageAccess.copy(address, to, at, length);
        } else {
            for (int i = 0; i < length; i += Long.BYTES) {
                WORDS.set(to, at + i, PageAccess.getLong(address + i));
            }
        }
    }

    void end() throws IOException {
        count++;
        if (alone) {
            endAlone();
        } else {
            blockEntries++;
        }
    }

    private void endBlock() throws IOException {
        if (block < 0) {
            return;
        }
        failed = true;
        int begin = block;
        block = -1;
        if (lastKeyLength > savedKey.length) {
            savedKey = new byte[lastKeyLength + 64];
        }
        System.arraycopy(lastKey, lastKeyOffset, savedKey, 0, lastKeyLength);
        lastKey = savedKey;
        lastKeyOffset = 0;
        for (int i = 0; i < RunLayout.anchors(blockEntries); i++) {
            Layout.putShort(out.buffer, out.position, anchors[i]);
            out.position += Short.BYTES;
        }
        int payload = out.position - begin - Layout.BLOCK_HEADER;
        end.putBlockHeader(
                out.buffer,
                begin,
                payload,
                blockEntries,
                keyGroup(blockRouting),
                keyGroup(lastRouting));
        crc.reset();
        crc.update(out.buffer, begin, Layout.BLOCK_CHECKED);
        crc.update(out.buffer, begin + Layout.BLOCK_HEADER, payload);
        int checksum = (int) crc.getValue();
        Layout.putInt(out.buffer, begin + Layout.BLOCK_CHECKED, checksum);
        addFence(out.offset() - out.position + begin, payload, blockEntries, checksum);
        failed = false;
    }

    private void addFence(long offset, int payload, int entries, int checksum) {
        fences.add(
                blockRouting,
                offset,
                Layout.BLOCK_HEADER + payload,
                entries,
                checksum,
                description.keyGroup(lastRouting));
        if (hasTail) {
            fences.addTail(tailKind, tailCut, tail, 0, tailLength);
        }
    }

    private int keyGroup(long routing) {
        int group = description.keyGroup(routing);
        if (group < description.header().firstKeyGroup()
                || group > description.header().lastKeyGroup()) {
            throw new IllegalArgumentException(
                    "run '%s' is of key groups %,d to %,d; an entry with routing 0x%016x is of key group %,d"
                            .formatted(
                                    name(),
                                    description.header().firstKeyGroup(),
                                    description.header().lastKeyGroup(),
                                    routing,
                                    group));
        }
        return group;
    }

    /// Begins a block for one entry, and writes what is before the entry's key.
    private void headAlone(int op, long routing, int kind, int keyLength, int valueLength)
            throws IOException {
        failed = true;
        long payload =
                (long) RunLayout.ENTRIES
                        + 2
                        + moreBytes(keyLength)
                        + moreBytes(valueLength)
                        + keyLength
                        + valueLength;
        if (payload > Layout.PAYLOAD_MAX) {
            throw new IOException(
                    "cannot write an entry of %,d bytes to run '%s' of operator '%s', state '%s': %,d bytes are the most. Divide the value into several, such as the entries of a MapState."
                            .formatted(
                                    payload,
                                    name(),
                                    description.header().operator(),
                                    description.section().name(),
                                    Layout.PAYLOAD_MAX));
        }
        out.roomIfItFits(Layout.BLOCK_HEADER + payload);
        out.room(Layout.BLOCK_HEADER + RunLayout.ENTRIES + RunLayout.HEAD_MAX);
        int begin = out.position;
        aloneOffset = out.offset();
        int group = keyGroup(routing);
        end.putBlockHeader(out.buffer, begin, (int) payload, 1, group, group);
        System.arraycopy(out.buffer, begin, aloneHeader, 0, Layout.BLOCK_HEADER);
        beginPayload(routing);
        putHead(op, kind, keyLength, valueLength, 0, 0);
        crc.reset();
        crc.update(out.buffer, begin, Layout.BLOCK_CHECKED);
        int payloadBegin = begin + Layout.BLOCK_HEADER;
        crc.update(out.buffer, payloadBegin, out.position - payloadBegin);
        alone = true;
        failed = false;
    }

    private void keyAlone(long routing, int kind, byte[] key, int offset, int length)
            throws IOException {
        if (tailNeeded) {
            makeTail(kind, key, offset, length);
        }
        if (length > savedKey.length) {
            savedKey = new byte[length + 64];
        }
        System.arraycopy(key, offset, savedKey, 0, length);
        lastRouting = routing;
        lastKind = kind;
        lastKey = savedKey;
        lastKeyOffset = 0;
        lastKeyLength = length;
        partAlone(key, offset, length);
    }

    private void partAlone(byte[] bytes, int offset, int length) throws IOException {
        crc.update(bytes, offset, length);
        out.write(bytes, offset, length);
    }

    private void partAlone(long address, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, out.freeBytes());
            PageAccess.copy(address + done, out.buffer, out.position, part);
            crc.update(out.buffer, out.position, part);
            out.position += part;
            done += part;
        }
    }

    private void endAlone() throws IOException {
        failed = true;
        alone = false;
        int payload = Layout.getInt(aloneHeader, 4);
        int checksum = (int) crc.getValue();
        Layout.putInt(aloneHeader, Layout.BLOCK_CHECKED, checksum);
        out.patch(
                aloneOffset + Layout.BLOCK_CHECKED,
                aloneHeader,
                Layout.BLOCK_CHECKED,
                Integer.BYTES);
        addFence(aloneOffset, payload, 1, checksum);
        failed = false;
    }

    /// Writes what makes the file complete.
    void finish() throws IOException {
        endBlock();
        ranges.end(lastRouting);
        failed = true;
        int[] order = ranges.sorted(name());
        if (filter != null) {
            filter.fold(filterBits, count);
        }
        end.write(out, fences, filter, ranges, order, count);
        failed = false;
    }

    /// Gives the pages back.
    void close() {
        fences.release();
        if (filter != null) {
            filter.release();
        }
    }
}
