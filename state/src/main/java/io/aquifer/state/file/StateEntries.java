package io.aquifer.state.file;

import io.aquifer.state.file.layout.Layout;

import java.io.IOException;
import java.util.zip.CRC32C;

/// Goes through the entries of a section. What it shows of an entry lies in [#buffer] and is valid
/// until the next call of [#next].
///
/// It holds one block in memory, and allocates nothing for an entry. **Threads:** the reader's.
///
/// ```java
/// for (StateEntries entries = reader.entries(section); entries.next(); ) {
///     table.put(entries.buffer(), entries.keyOffset(), entries.keyLength(),
///             entries.buffer(), entries.valueOffset(), entries.valueLength());
/// }
/// ```
public final class StateEntries implements StateEntry {
    private static final byte[] NOTHING = {};

    private final FileInput in;
    private final Footer footer;
    private final int section;
    private final boolean map;
    private final CRC32C crc = new CRC32C();
    private byte[] buffer = NOTHING;
    private int nextBlock;
    private int position;
    private int end;
    private int left;
    private int keyOffset;
    private int keyLength = -1;
    private int mapKeyOffset;
    private int mapKeyLength;
    private int valueOffset;
    private int valueLength;

    StateEntries(FileInput in, Footer footer, int section) {
        this.in = in;
        this.footer = footer;
        this.section = section;
        this.map = footer.sections.get(section).kind() == StateSection.Kind.MAP;
        this.nextBlock = footer.blocks.firstOf(section);
    }

    /// Goes to the next entry; false after the last.
    ///
    /// @throws CorruptStateFileException when a block's checksum does not fit; called again, it
    ///   throws again
    public boolean next() throws IOException {
        while (left == 0) {
            if (!loadNextBlock()) {
                return false;
            }
        }
        int key = nextLength();
        int mapKey = map ? nextLength() : 0;
        int value = nextLength();
        long bytes = (key == 0 ? 0 : key - 1) + (long) mapKey + value;
        if (bytes > end - position || key == 0 && keyLength < 0) {
            throw damagedEntry();
        }
        if (key != 0) {
            keyOffset = position;
            keyLength = key - 1;
            position += keyLength;
        }
        mapKeyOffset = position;
        mapKeyLength = mapKey;
        valueOffset = position + mapKey;
        valueLength = value;
        position = valueOffset + value;
        if (--left == 0 && position != end) {
            left = 1;
            throw damagedEntry();
        }
        return true;
    }

    private int nextLength() throws IOException {
        if (position < end && buffer[position] >= 0) {
            return buffer[position++];
        }
        int value = 0;
        for (int shift = 0; shift <= 28 && position < end; shift += 7) {
            int part = buffer[position++];
            if (shift == 28 && (part & 0xF8) != 0) {
                break;
            }
            value |= (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw damagedEntry();
    }

    /// The entries contradict a checksum that fits: written so. Leaves nothing more to read.
    private CorruptStateFileException damagedEntry() {
        int block = nextBlock - 1;
        long offset = footer.blocks.offset(block) + position;
        position = end;
        return CorruptStateFileException.damaged(
                in.name(),
                offset,
                "%s: its last %,d entries do not fill what is left of it"
                        .formatted(StateFileReader.blockName(footer, block), left));
    }

    private boolean loadNextBlock() throws IOException {
        BlockTable blocks = footer.blocks;
        int block = nextBlock;
        while (block < blocks.count()
                && blocks.section(block) == section
                && blocks.isAuxiliary(block)) {
            block++;
        }
        if (block == blocks.count() || blocks.section(block) != section) {
            return false;
        }
        int bytes = blocks.bytes(block);
        if (bytes > buffer.length) {
            buffer = new byte[roomFor(bytes)];
        }
        in.read(blocks.offset(block), buffer, 0, bytes);
        crc.reset();
        crc.update(buffer, 0, Layout.BLOCK_CHECKED);
        crc.update(buffer, Layout.BLOCK_HEADER, bytes - Layout.BLOCK_HEADER);
        StateFileReader.checkBlock(in, footer, block, buffer, (int) crc.getValue());
        nextBlock = block + 1;
        position = Layout.BLOCK_HEADER;
        end = bytes;
        left = blocks.entries(block);
        keyLength = -1;
        return true;
    }

    private int roomFor(int bytes) {
        return buffer.length == 0
                ? bytes
                : Math.max(bytes, Layout.BLOCK_HEADER + Layout.PAYLOAD_TARGET);
    }

    @Override
    public byte[] buffer() {
        return buffer;
    }

    @Override
    public int keyOffset() {
        return keyOffset;
    }

    @Override
    public int keyLength() {
        return keyLength;
    }

    @Override
    public int mapKeyOffset() {
        return mapKeyOffset;
    }

    @Override
    public int mapKeyLength() {
        return mapKeyLength;
    }

    @Override
    public int valueOffset() {
        return valueOffset;
    }

    @Override
    public int valueLength() {
        return valueLength;
    }
}
