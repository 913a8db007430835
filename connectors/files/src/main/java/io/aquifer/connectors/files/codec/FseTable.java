package io.aquifer.connectors.files.codec;

import java.io.IOException;
import java.util.Arrays;

/// A finite-state entropy table of Zstandard: for each state its symbol and how to get to the next
/// state.
final class FseTable {
    private final int maxBits;
    final byte[] symbols;
    private final byte[] widths;
    private final short[] bases;
    private final short[] counts = new short[256];
    private final short[] following = new short[256];

    /// The logarithm of the number of states.
    int bits;

    /// Whether a table was read or set: a block may only repeat what there is.
    boolean present;

    FseTable(int maxBits) {
        this.maxBits = maxBits;
        symbols = new byte[1 << maxBits];
        widths = new byte[1 << maxBits];
        bases = new short[1 << maxBits];
    }

    int next(int state, BackwardBits in) {
        return bases[state] + in.read(widths[state]);
    }

    void setSingle(int symbol) {
        bits = 0;
        symbols[0] = (byte) symbol;
        widths[0] = 0;
        bases[0] = 0;
        present = true;
    }

    void setCounts(int tableBits, short[] given) {
        Arrays.fill(counts, (short) 0);
        System.arraycopy(given, 0, counts, 0, given.length);
        build(tableBits, given.length);
    }

    /// Reads a table description and returns the place behind it.
    int read(byte[] in, int at, int end, int maxSymbol) throws IOException {
        int tableBits = (in[at] & 15) + 5;
        if (tableBits > maxBits) {
            throw new IOException(
                    "a Zstandard table of 2^"
                            + tableBits
                            + " states, at most 2^"
                            + maxBits
                            + " are allowed");
        }
        Arrays.fill(counts, (short) 0);
        int bit = 4;
        int remaining = 1 << tableBits;
        int symbol = 0;
        while (remaining > 0) {
            if (symbol > maxSymbol) {
                throw new IOException("a Zstandard table names a symbol above " + maxSymbol);
            }
            int width = 32 - Integer.numberOfLeadingZeros(remaining + 1);
            int value = forward(in, at, end, bit, width);
            int shortMask = (1 << width - 1) - 1;
            int unused = (1 << width) - 1 - (remaining + 1);
            if ((value & shortMask) < unused) {
                value &= shortMask;
                bit += width - 1;
            } else {
                bit += width;
                if (value > shortMask) {
                    value -= unused;
                }
            }
            int count = value - 1;
            counts[symbol++] = (short) count;
            remaining -= Math.abs(count);
            if (count == 0) {
                int repeat;
                do {
                    repeat = forward(in, at, end, bit, 2);
                    bit += 2;
                    symbol += repeat;
                } while (repeat == 3);
            }
        }
        int next = at + (bit + 7) / 8;
        if (remaining < 0 || symbol > maxSymbol + 1 || next > end) {
            throw new IOException("a Zstandard table is damaged");
        }
        build(tableBits, symbol);
        return next;
    }

    private static int forward(byte[] in, int at, int end, int bit, int width) {
        int value = 0;
        int first = at + (bit >>> 3);
        for (int i = 0; i < 3 && first + i < end; i++) {
            value |= (in[first + i] & 0xFF) << 8 * i;
        }
        return value >>> (bit & 7) & (1 << width) - 1;
    }

    private void build(int tableBits, int symbolCount) {
        int size = 1 << tableBits;
        int high = size;
        for (int symbol = 0; symbol < symbolCount; symbol++) {
            following[symbol] = counts[symbol];
            if (counts[symbol] < 0) {
                symbols[--high] = (byte) symbol;
                following[symbol] = 1;
            }
        }
        int step = (size >>> 1) + (size >>> 3) + 3;
        int position = 0;
        for (int symbol = 0; symbol < symbolCount; symbol++) {
            for (int i = 0; i < counts[symbol]; i++) {
                symbols[position] = (byte) symbol;
                do {
                    position = position + step & size - 1;
                } while (position >= high);
            }
        }
        for (int state = 0; state < size; state++) {
            int next = following[symbols[state] & 0xFF]++;
            int width = tableBits - (31 - Integer.numberOfLeadingZeros(next));
            widths[state] = (byte) width;
            bases[state] = (short) ((next << width) - size);
        }
        bits = tableBits;
        present = true;
    }
}
