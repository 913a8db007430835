package io.aquifer.connectors.files.codec;

import java.io.IOException;

/// Zstandard's code for literals: for each pattern of [#bits] bits the symbol and how many bits it
/// takes.
final class HuffmanTable {
    private static final int MAX_BITS = 11;

    /// Number of bits in the high byte, symbol in the low one.
    final short[] entries = new short[1 << MAX_BITS];

    int bits;

    private final int[] weights = new int[256];
    private final FseTable weightTable = new FseTable(6);
    private final BackwardBits stream = new BackwardBits();

    /// Reads a tree description and returns the place behind it.
    int read(byte[] in, int at, int end) throws IOException {
        int header = in[at] & 0xFF;
        int next = at + 1;
        int count;
        if (header >= 128) {
            count = header - 127;
            for (int i = 0; i < count; i++) {
                int pair = in[next + i / 2];
                weights[i] = (i & 1) == 0 ? pair >>> 4 & 15 : pair & 15;
            }
            next += (count + 1) / 2;
        } else {
            int weightsEnd = next + header;
            if (weightsEnd > end) {
                throw new IOException("a Zstandard literal tree is cut off");
            }
            count = readWeights(in, next, weightsEnd);
            next = weightsEnd;
        }
        build(count);
        return next;
    }

    private int readWeights(byte[] in, int at, int end) throws IOException {
        int streamStart = weightTable.read(in, at, end, 255);
        stream.open(in, streamStart, end);
        int even = stream.read(weightTable.bits);
        int odd = stream.read(weightTable.bits);
        int count = 0;
        while (true) {
            if (count > 253) {
                throw new IOException("a Zstandard literal tree has more than 255 weights");
            }
            weights[count++] = weightTable.symbols[even];
            even = weightTable.next(even, stream);
            if (stream.bits < 0) {
                weights[count++] = weightTable.symbols[odd];
                return count;
            }
            weights[count++] = weightTable.symbols[odd];
            odd = weightTable.next(odd, stream);
            if (stream.bits < 0) {
                weights[count++] = weightTable.symbols[even];
                return count;
            }
        }
    }

    private void build(int known) throws IOException {
        int sum = 0;
        for (int i = 0; i < known; i++) {
            if (weights[i] > MAX_BITS) {
                throw new IOException("a Zstandard literal tree has weight " + weights[i]);
            }
            sum += weights[i] == 0 ? 0 : 1 << weights[i] - 1;
        }
        int width = 32 - Integer.numberOfLeadingZeros(sum);
        int rest = (1 << width) - sum;
        if (sum == 0 || width > MAX_BITS || Integer.bitCount(rest) != 1) {
            throw new IOException("a Zstandard literal tree is not complete");
        }
        weights[known] = 32 - Integer.numberOfLeadingZeros(rest);
        int at = 0;
        for (int weight = 1; weight <= width; weight++) {
            int span = 1 << weight - 1;
            for (int symbol = 0; symbol <= known; symbol++) {
                if (weights[symbol] == weight) {
                    short entry = (short) (width + 1 - weight << 8 | symbol);
                    for (int i = 0; i < span; i++) {
                        entries[at++] = entry;
                    }
                }
            }
        }
        bits = width;
    }
}
