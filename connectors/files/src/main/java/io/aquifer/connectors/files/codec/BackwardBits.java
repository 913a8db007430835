package io.aquifer.connectors.files.codec;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A bit stream that is read from its last bit to its first, as Zstandard's entropy coders write
/// it.
///
/// `bits` is the number of bits not yet read; it goes negative when a reader asks for more than
/// there are, and the missing bits read as zero, which is how one kind of stream announces its end.
final class BackwardBits {
    static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] data = new byte[0];
    private int start;
    int bits;

    /// Starts at the padding mark, the highest bit set in the last byte.
    void open(byte[] bytes, int from, int to) throws IOException {
        if (to <= from || bytes[to - 1] == 0) {
            throw new IOException("a Zstandard bit stream has no end mark");
        }
        data = bytes;
        start = from;
        bits = (to - from - 1) * 8 + 31 - Integer.numberOfLeadingZeros(bytes[to - 1] & 0xFF);
    }

    /// The next `count` bits, at most 32, without taking them.
    int peek(int count) {
        int low = bits - count;
        if (low >= 0) {
            return (int) ((load(low >>> 3) >>> (low & 7)) & mask(count));
        }
        if (bits <= 0) {
            return 0;
        }
        return (int) ((load(0) & mask(bits)) << -low) & (int) mask(count);
    }

    int read(int count) {
        int value = peek(count);
        bits -= count;
        return value;
    }

    private static long mask(int count) {
        return (1L << count) - 1;
    }

    private long load(int offset) {
        int at = start + offset;
        if (at + 8 <= data.length) {
            return (long) LONG.get(data, at);
        }
        long value = 0;
        for (int i = data.length - 1; i >= at; i--) {
            value = value << 8 | data[i] & 0xFF;
        }
        return value;
    }

    /// Decodes symbols until `to` is reached; five a load while there are plenty of bits.
    void decode(HuffmanTable table, byte[] out, int from, int to) throws IOException {
        int at = from;
        int width = table.bits;
        int mask = (1 << width) - 1;
        short[] entries = table.entries;
        while (to - at >= 5 && bits >= 64) {
            int first = (bits >>> 3) - 7;
            long word = (long) LONG.get(data, start + first);
            int available = bits - first * 8;
            for (int i = 0; i < 5; i++) {
                int entry = entries[(int) (word >>> (available - width)) & mask];
                out[at++] = (byte) entry;
                available -= entry >>> 8;
            }
            bits = first * 8 + available;
        }
        while (at < to) {
            int entry = entries[peek(width)];
            out[at++] = (byte) entry;
            bits -= entry >>> 8;
        }
        if (bits != 0) {
            throw new IOException("a Zstandard literal stream does not end where its symbols do");
        }
    }
}
