package io.aquifer.state.file;

import io.aquifer.state.file.layout.Layout;

import java.util.Arrays;

/// Where the blocks of a file lie and what is in them, in the order of the file; the last part of
/// the footer, kept as it is stored there.
///
/// ```
///  0 offset u64         20 first key group u32   30 flags u16
///  8 bytes u32          24 last key group u32    32 CRC of the block u32
/// 12 section u32        28 body kind u8
/// 16 entries u32        29 codec u8
/// ```
final class BlockTable {
    static final int ROW = 36;
    static final int ROWS_MAX = (Integer.MAX_VALUE - 1024) / ROW;

    private byte[] rows;
    private int count;

    BlockTable() {
        rows = new byte[16 * ROW];
    }

    /// The table of a footer, behind which nothing follows.
    BlockTable(byte[] footer, int offset) {
        rows = Arrays.copyOfRange(footer, offset, footer.length);
        count = rows.length / ROW;
    }

    int count() {
        return count;
    }

    /// Adds the block with this header, which describes itself but for its place.
    void add(long offset, byte[] header, int at) {
        if ((count + 1) * (long) ROW > rows.length) {
            rows = Arrays.copyOf(rows, (int) Math.min(rows.length * 2L, ROWS_MAX * (long) ROW));
        }
        int row = count++ * ROW;
        Layout.putLong(rows, row, offset);
        Layout.putInt(rows, row + 8, Layout.BLOCK_HEADER + Layout.getInt(header, at + 4));
        System.arraycopy(header, at + 12, rows, row + 12, ROW - 12);
        Layout.putInt(rows, row + 32, Layout.getInt(header, at + Layout.BLOCK_CHECKED));
    }

    /// Whether the header at `at` says what the table says of a block.
    boolean describes(int block, byte[] header, int at) {
        int row = block * ROW;
        return Layout.getInt(header, at) == Layout.BLOCK_MAGIC
                && Layout.getInt(header, at + 4) == bytes(block) - Layout.BLOCK_HEADER
                && Arrays.equals(header, at + 12, at + 36, rows, row + 12, row + 36);
    }

    long offset(int block) {
        return Layout.getLong(rows, block * ROW);
    }

    /// Header and payload; negative means more than fits a Java array.
    int bytes(int block) {
        return Layout.getInt(rows, block * ROW + 8);
    }

    int section(int block) {
        return Layout.getInt(rows, block * ROW + 12);
    }

    int entries(int block) {
        return Layout.getInt(rows, block * ROW + 16);
    }

    int firstKeyGroup(int block) {
        return Layout.getInt(rows, block * ROW + 20);
    }

    int lastKeyGroup(int block) {
        return Layout.getInt(rows, block * ROW + 24);
    }

    int bodyKind(int block) {
        return rows[block * ROW + 28] & 0xFF;
    }

    int codec(int block) {
        return rows[block * ROW + 29] & 0xFF;
    }

    int flags(int block) {
        return Layout.getShort(rows, block * ROW + 30);
    }

    int checksum(int block) {
        return Layout.getInt(rows, block * ROW + 32);
    }

    /// The first block of a section or of one behind it: blocks lie in the order of the sections.
    int firstOf(int section) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (section(middle) < section) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Whether the block holds no entries but what helps to find them.
    boolean isAuxiliary(int block) {
        return bodyKind(block) >= Layout.AUXILIARY;
    }

    byte[] rows() {
        return rows;
    }

    int rowBytes() {
        return count * ROW;
    }
}
