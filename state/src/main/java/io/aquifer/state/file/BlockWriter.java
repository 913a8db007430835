package io.aquifer.state.file;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.file.layout.Layout;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Packs entries into blocks, in one buffer that goes to the output when it has a block's worth.
///
/// ```
/// an entry:  key length + 1 | [map key length] | value length | key | [map key] | value
///            all lengths seven bits to a byte, the low ones first, the top bit set but in the last
/// ```
///
/// A first byte of 0 means the key of the entry before, which is not written again. Only kinds
/// whose keys repeat use it, and no block begins with it. An entry that does not fit the rest of a
/// block begins another one; one that fits none gets a block of its own, past the buffer.
final class BlockWriter {
    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /// Keys and values up to here have lengths of one byte.
    private static final int SHORT_KEY_MAX = 126;

    private static final int SHORT_VALUE_MAX = 127;
    private static final int SHORT_ENTRY_MAX = 2 + SHORT_KEY_MAX + SHORT_VALUE_MAX;
    private static final int WORDS_MAX = 64;
    private static final int BUFFER_BYTES =
            2 * (Layout.PAYLOAD_TARGET + Layout.BLOCK_HEADER) + Long.BYTES;
    private static final byte[] NOTHING = {};

    private final FileOutput out;
    private final StateFileHeader header;
    private final BlockTable table;
    private final int payloadMax;
    private final CRC32C crc = new CRC32C();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private byte[] scratch = NOTHING;

    private int section;
    private String sectionName = "";
    private boolean map;
    private boolean repeats;
    private long sectionEntries;

    /// Where the next byte goes in `buffer`.
    private int position;

    /// Where the block begins that is being filled; negative if there is none.
    private int block = -1;

    private int blockEntries;

    /// The last position from which any short entry fits the block, if keys do not repeat; negative
    /// if there is none.
    private int shortEntryEnd = -1;

    private int lastKey;
    private int lastKeyLength;

    BlockWriter(FileOutput out, StateFileHeader header, BlockTable table, int payloadMax) {
        this.out = out;
        this.header = header;
        this.table = table;
        this.payloadMax = payloadMax;
    }

    void beginSection(int number, StateSection begun) {
        section = number;
        sectionName = begun.name();
        sectionEntries = 0;
        map = begun.kind() == StateSection.Kind.MAP;
        repeats = begun.kind().repeatsKeys();
    }

    /// Ends the section's last block and returns how many entries the section has.
    long endSection() throws IOException {
        endBlock();
        return sectionEntries;
    }

    /// Adds an entry; the map key is empty but in MAP sections.
    void entry(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] mapKey,
            int mapKeyOffset,
            int mapKeyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        boolean same = reserve(key, keyOffset, keyLength, mapKeyLength, valueLength);
        if (block < 0) {
            writeAlone(
                    key,
                    keyOffset,
                    keyLength,
                    mapKey,
                    mapKeyOffset,
                    mapKeyLength,
                    value,
                    valueOffset,
                    valueLength);
            return;
        }
        putLengths(same, keyLength, mapKeyLength, valueLength);
        putKey(same, key, keyOffset, keyLength);
        put(mapKey, mapKeyOffset, mapKeyLength);
        put(value, valueOffset, valueLength);
        blockEntries++;
    }

    /// Adds an entry from page memory if that is simple; false, with nothing done, if not.
    boolean tryShortEntry(long address, int keyLength, int valueLength) {
        int at = position;
        if (at > shortEntryEnd
                || Integer.compareUnsigned(keyLength, SHORT_KEY_MAX) > 0
                || Integer.compareUnsigned(valueLength, SHORT_VALUE_MAX) > 0) {
            return false;
        }
        buffer[at] = (byte) (keyLength + 1);
        buffer[at + 1] = (byte) valueLength;
        putPage(address, at + 2, keyLength + valueLength);
        position = at + 2 + keyLength + valueLength;
        blockEntries++;
        return true;
    }

    void pageEntry(long address, int keyLength, int valueLength) throws IOException {
        byte[] copy = copyOf(address, keyLength + valueLength);
        entry(copy, 0, keyLength, NOTHING, 0, 0, copy, keyLength, valueLength);
    }

    void pageMapEntry(
            byte[] key,
            int keyOffset,
            int keyLength,
            long address,
            int mapKeyLength,
            int valueLength)
            throws IOException {
        boolean same = reserve(key, keyOffset, keyLength, mapKeyLength, valueLength);
        int length = mapKeyLength + valueLength;
        if (block < 0) {
            byte[] copy = copyOf(address, length);
            writeAlone(
                    key,
                    keyOffset,
                    keyLength,
                    copy,
                    0,
                    mapKeyLength,
                    copy,
                    mapKeyLength,
                    valueLength);
            return;
        }
        putLengths(same, keyLength, mapKeyLength, valueLength);
        putKey(same, key, keyOffset, keyLength);
        putPage(address, position, length);
        position += length;
        blockEntries++;
    }

    private byte[] copyOf(long address, int length) {
        if (length > scratch.length) {
            scratch = new byte[length + 1024];
        }
        PageAccess.copy(address, scratch, 0, length);
        return scratch;
    }

    /// Copies out of a page; up to seven bytes behind the end are overwritten.
    private void putPage(long address, int at, int length) {
        if (length > WORDS_MAX) {
            PageAccess.copy(address, buffer, at, length);
        } else {
            for (int i = 0; i < length; i += Long.BYTES) {
                WORDS.set(buffer, at + i, PageAccess.getLong(address + i));
            }
        }
    }

    /// Makes room for an entry in a block, the current or another one; there is no block after it
    /// if the entry is to be written alone.
    ///
    /// @return whether the key is that of the entry before in the same block
    private boolean reserve(
            byte[] key, int keyOffset, int keyLength, int mapKeyLength, int valueLength)
            throws IOException {
        long rest = Layout.varintBytes(valueLength) + (long) valueLength;
        if (map) {
            rest += Layout.varintBytes(mapKeyLength) + (long) mapKeyLength;
        }
        if (repeats && block >= 0 && 1 + rest <= room() && isLastKey(key, keyOffset, keyLength)) {
            return true;
        }
        long bytes = Layout.varintBytes(keyLength + 1) + (long) keyLength + rest;
        if (block < 0 || bytes > room()) {
            endBlock();
            if (bytes <= Layout.PAYLOAD_TARGET) {
                beginBlock();
            } else if (bytes > payloadMax) {
                throw out.fail(
                        ("cannot write an entry of %,d bytes of operator '%s', state '%s': a state"
                                        + " file takes up to %,d bytes. Divide the value into"
                                        + " several, such as the entries of a MapState.")
                                .formatted(bytes, header.operator(), sectionName, payloadMax));
            }
        }
        return false;
    }

    private int room() {
        return Layout.PAYLOAD_TARGET - (position - block - Layout.BLOCK_HEADER);
    }

    private boolean isLastKey(byte[] key, int offset, int length) {
        return length == lastKeyLength
                && Arrays.equals(key, offset, offset + length, buffer, lastKey, lastKey + length);
    }

    private void putLengths(boolean same, int keyLength, int mapKeyLength, int valueLength) {
        position = Layout.putVarint(buffer, position, same ? 0 : keyLength + 1);
        if (map) {
            position = Layout.putVarint(buffer, position, mapKeyLength);
        }
        position = Layout.putVarint(buffer, position, valueLength);
    }

    private void putKey(boolean same, byte[] key, int offset, int length) {
        if (!same) {
            lastKey = position;
            lastKeyLength = length;
            put(key, offset, length);
        }
    }

    private void put(byte[] bytes, int offset, int count) {
        System.arraycopy(bytes, offset, buffer, position, count);
        position += count;
    }

    private void beginBlock() {
        block = position;
        position += Layout.BLOCK_HEADER;
        blockEntries = 0;
        lastKeyLength = -1;
        shortEntryEnd = repeats ? -1 : position + Layout.PAYLOAD_TARGET - SHORT_ENTRY_MAX;
    }

    private void endBlock() throws IOException {
        if (block < 0) {
            return;
        }
        int begin = block;
        int payload = position - begin - Layout.BLOCK_HEADER;
        block = -1;
        shortEntryEnd = -1;
        putBlockHeader(begin, payload, blockEntries);
        crc.reset();
        crc.update(buffer, begin, Layout.BLOCK_CHECKED);
        crc.update(buffer, begin + Layout.BLOCK_HEADER, payload);
        addBlock(begin);
        sectionEntries += blockEntries;
        if (position >= Layout.PAYLOAD_TARGET) {
            flush();
        }
    }

    private void putBlockHeader(int at, int payload, int entries) {
        Layout.putInt(buffer, at, Layout.BLOCK_MAGIC);
        Layout.putInt(buffer, at + 4, payload);
        Layout.putInt(buffer, at + 8, payload);
        Layout.putInt(buffer, at + 12, section);
        Layout.putInt(buffer, at + 16, entries);
        Layout.putInt(buffer, at + 20, header.firstKeyGroup());
        Layout.putInt(buffer, at + 24, header.lastKeyGroup());
        buffer[at + 28] = Layout.UNORDERED;
        buffer[at + 29] = Layout.STORED;
        Layout.putShort(buffer, at + 30, 0);
    }

    /// Completes the header at `at` with the checksum, and notes the block.
    private void addBlock(int at) throws IOException {
        if (table.count() == BlockTable.ROWS_MAX) {
            throw out.fail(
                    "cannot write more than %,d blocks to the state file of operator '%s'"
                            .formatted(BlockTable.ROWS_MAX, header.operator()));
        }
        Layout.putInt(buffer, at + Layout.BLOCK_CHECKED, (int) crc.getValue());
        table.add(out.length() + at, buffer, at);
    }

    /// Writes an entry as a block of its own.
    private void writeAlone(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] mapKey,
            int mapKeyOffset,
            int mapKeyLength,
            byte[] value,
            int valueOffset,
            int valueLength)
            throws IOException {
        flush();
        position = Layout.BLOCK_HEADER;
        putLengths(false, keyLength, mapKeyLength, valueLength);
        int lengths = position - Layout.BLOCK_HEADER;
        putBlockHeader(0, lengths + keyLength + mapKeyLength + valueLength, 1);
        crc.reset();
        crc.update(buffer, 0, Layout.BLOCK_CHECKED);
        crc.update(buffer, Layout.BLOCK_HEADER, lengths);
        crc.update(key, keyOffset, keyLength);
        crc.update(mapKey, mapKeyOffset, mapKeyLength);
        crc.update(value, valueOffset, valueLength);
        addBlock(0);
        sectionEntries++;
        flush();
        out.write(key, keyOffset, keyLength);
        out.write(mapKey, mapKeyOffset, mapKeyLength);
        out.write(value, valueOffset, valueLength);
    }

    void flush() throws IOException {
        out.write(buffer, 0, position);
        position = 0;
    }

    /// Takes no more short entries.
    void close() {
        block = -1;
        shortEntryEnd = -1;
    }
}
