package io.aquifer.state.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/// A run's file that can be changed anywhere and sealed again: all checksums fit what it says.
final class CraftedRun {
    private static final int ROW = 36;

    final byte[] bytes;
    final ByteBuffer at;
    private final int headerBytes;
    private final int footer;
    private final int rows;

    /// Where the blocks lie, in the order of the file.
    final List<Integer> offsets = new ArrayList<>();

    private final List<Integer> lengths = new ArrayList<>();
    final List<Integer> kinds = new ArrayList<>();

    CraftedRun(byte[] file) {
        bytes = file.clone();
        at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        headerBytes = at.getInt(12);
        footer = (int) at.getLong(file.length - 32);
        for (int offset = headerBytes; offset < footer; ) {
            int length = 36 + at.getInt(offset + 4);
            offsets.add(offset);
            lengths.add(length);
            kinds.add(bytes[offset + 28] & 0xFF);
            offset += length;
        }
        rows = file.length - 32 - offsets.size() * ROW;
    }

    /// The first block of a kind.
    int firstOf(int kind) {
        return kinds.indexOf(kind);
    }

    /// Changes a byte of a block's header, from 12 on, and of its row, which has it there too.
    void putHeader(int block, int offset, int value) {
        bytes[offsets.get(block) + offset] = (byte) value;
        bytes[rows + block * ROW + offset] = (byte) value;
    }

    /// Where the number of entries of the section is.
    int sectionEntries() {
        return rows - 4 - 8;
    }

    byte[] sealed() {
        at.putInt(headerBytes - 4, crc(0, headerBytes - 4, 0, 0));
        for (int i = 0; i < offsets.size(); i++) {
            if (kinds.get(i) == 2) {
                sealFence(offsets.get(i), sealBlock(i));
            }
        }
        for (int i = 0; i < offsets.size(); i++) {
            if (kinds.get(i) != 2) {
                sealBlock(i);
            }
        }
        int trailer = bytes.length - 32;
        at.putInt(trailer + 12, crc(footer, trailer, 0, 0));
        at.putInt(trailer + 20, crc(trailer, trailer + 20, 0, 0));
        return bytes;
    }

    private int sealBlock(int block) {
        int offset = offsets.get(block);
        int crc = crc(offset, offset + 32, offset + 36, offset + lengths.get(block));
        at.putInt(offset + 32, crc);
        at.putInt(rows + block * ROW + 32, crc);
        return crc;
    }

    /// Fences have the checksum of their block, too.
    private void sealFence(int block, int crc) {
        for (int i = 0; i < offsets.size(); i++) {
            int end = offsets.get(i) + lengths.get(i);
            int fence = offsets.get(i) + 36 + 24;
            while (kinds.get(i) == 128 && fence + 29 <= end) {
                if (at.getLong(fence + 8) == block) {
                    at.putInt(fence + 24, crc);
                }
                boolean tail = bytes[fence + 28] != 0 && fence + 29 < end;
                fence += tail ? 30 + (bytes[fence + 29] & 0xFF) : 29;
            }
        }
    }

    private int crc(int from, int to, int thenFrom, int thenTo) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, to - from);
        crc.update(bytes, thenFrom, thenTo - thenFrom);
        return (int) crc.getValue();
    }
}
