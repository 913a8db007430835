package io.aquifer.connectors.files.codec;

import java.io.IOException;

/// The second half of a Zstandard block: sequences of "copy literals, then repeat what was written
/// `offset` ago".
///
/// Keeps what one block hands to the next of its frame: the three tables and the last three
/// offsets.
final class SequenceTables {
    private static final int[] LITERAL_BASE = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48,
        64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536
    };
    private static final byte[] LITERAL_BITS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10,
        11, 12, 13, 14, 15, 16
    };
    private static final int[] MATCH_BASE = {
        3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
        28, 29, 30, 31, 32, 33, 34, 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027,
        2051, 4099, 8195, 16387, 32771, 65539
    };
    private static final byte[] MATCH_BITS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    };
    private static final short[] LITERAL_DEFAULT = {
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1,
        1, -1, -1, -1, -1
    };
    private static final short[] OFFSET_DEFAULT = {
        1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1
    };
    private static final short[] MATCH_DEFAULT = {
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1
    };

    private final FseTable literalTable = new FseTable(9);
    private final FseTable offsetTable = new FseTable(8);
    private final FseTable matchTable = new FseTable(9);
    private int offset1;
    private int offset2;
    private int offset3;

    void reset() {
        literalTable.present = false;
        offsetTable.present = false;
        matchTable.present = false;
        offset1 = 1;
        offset2 = 4;
        offset3 = 8;
    }

    /// Writes the block whose sequences stand in `in[from, to)` to `out` at `outAt` and returns the
    /// place behind it.
    ///
    /// @param outStart where the frame's content starts: nothing before it may be repeated
    int execute(
            byte[] in,
            int from,
            int to,
            BackwardBits stream,
            byte[] literals,
            int literalCount,
            byte[] out,
            int outStart,
            int outAt,
            int outTo)
            throws IOException {
        ZstdDecoder.need(from, 1, to);
        int at = from + 1;
        int count = in[from] & 0xFF;
        if (count >= 128) {
            int more = count == 255 ? 2 : 1;
            ZstdDecoder.need(at, more, to);
            count =
                    more == 1
                            ? (count - 128 << 8) + (in[at] & 0xFF)
                            : (int) ZstdDecoder.little(in, at, 2) + 0x7F00;
            at += more;
        }
        int literalAt = 0;
        int written = outAt;
        if (count > 0) {
            ZstdDecoder.need(at, 1, to);
            int modes = in[at++] & 0xFF;
            at = table(literalTable, modes >>> 6, in, at, to, 6, LITERAL_DEFAULT, 35);
            at = table(offsetTable, modes >>> 4 & 3, in, at, to, 5, OFFSET_DEFAULT, 31);
            at = table(matchTable, modes >>> 2 & 3, in, at, to, 6, MATCH_DEFAULT, 52);
            stream.open(in, at, to);
            int literalState = stream.read(literalTable.bits);
            int offsetState = stream.read(offsetTable.bits);
            int matchState = stream.read(matchTable.bits);
            for (int i = 0; i < count; i++) {
                int offsetCode = offsetTable.symbols[offsetState];
                int matchCode = matchTable.symbols[matchState];
                int literalCode = literalTable.symbols[literalState];
                if (offsetCode > 30) {
                    throw new IOException("a Zstandard offset of 2 GiB or more");
                }
                int offsetValue = (1 << offsetCode) + stream.read(offsetCode);
                int matchLength = MATCH_BASE[matchCode] + stream.read(MATCH_BITS[matchCode]);
                int literalLength =
                        LITERAL_BASE[literalCode] + stream.read(LITERAL_BITS[literalCode]);
                if (i < count - 1) {
                    literalState = literalTable.next(literalState, stream);
                    matchState = matchTable.next(matchState, stream);
                    offsetState = offsetTable.next(offsetState, stream);
                }
                int offset = offset(offsetValue, literalLength);
                if (literalLength > literalCount - literalAt) {
                    throw new IOException("a Zstandard block copies more literals than it has");
                }
                ZstdDecoder.room(written, literalLength + matchLength, outTo);
                copyLiterals(literals, literalAt, out, written, literalLength);
                literalAt += literalLength;
                written += literalLength;
                if (offset > written - outStart || offset <= 0) {
                    throw new IOException("a Zstandard block repeats what was never written");
                }
                copyMatch(out, written, offset, matchLength);
                written += matchLength;
            }
            if (stream.bits != 0) {
                throw new IOException(
                        "a Zstandard sequence stream does not end where its sequences do");
            }
        }
        int rest = literalCount - literalAt;
        ZstdDecoder.room(written, rest, outTo);
        System.arraycopy(literals, literalAt, out, written, rest);
        return written + rest;
    }

    private static void copyLiterals(byte[] from, int at, byte[] to, int toAt, int length) {
        if (length < 16) {
            for (int i = 0; i < length; i++) {
                to[toAt + i] = from[at + i];
            }
        } else {
            System.arraycopy(from, at, to, toAt, length);
        }
    }

    private static void copyMatch(byte[] out, int at, int offset, int length) {
        if (offset >= length && length >= 16) {
            System.arraycopy(out, at - offset, out, at, length);
            return;
        }
        int i = 0;
        if (offset >= 8) {
            for (; i + 8 <= length; i += 8) {
                BackwardBits.LONG.set(
                        out, at + i, (long) BackwardBits.LONG.get(out, at + i - offset));
            }
        }
        for (; i < length; i++) {
            out[at + i] = out[at + i - offset];
        }
    }

    private int offset(int value, int literalLength) {
        int offset;
        if (value > 3) {
            offset = value - 3;
        } else {
            int which = literalLength == 0 ? value : value - 1;
            if (which == 0) {
                return offset1;
            }
            if (which == 1) {
                offset = offset2;
                offset2 = offset1;
                offset1 = offset;
                return offset;
            }
            offset = which == 2 ? offset3 : offset1 - 1;
        }
        offset3 = offset2;
        offset2 = offset1;
        offset1 = offset;
        return offset;
    }

    private static int table(
            FseTable table,
            int mode,
            byte[] in,
            int at,
            int to,
            int defaultBits,
            short[] defaults,
            int maxSymbol)
            throws IOException {
        switch (mode) {
            case 0 -> {
                table.setCounts(defaultBits, defaults);
                return at;
            }
            case 1 -> {
                ZstdDecoder.need(at, 1, to);
                if ((in[at] & 0xFF) > maxSymbol) {
                    throw new IOException("a Zstandard block names the symbol " + (in[at] & 0xFF));
                }
                table.setSingle(in[at]);
                return at + 1;
            }
            case 2 -> {
                ZstdDecoder.need(at, 1, to);
                return table.read(in, at, to, maxSymbol);
            }
            default -> {
                if (!table.present) {
                    throw new IOException("a Zstandard block repeats a table that there is not");
                }
                return at;
            }
        }
    }
}
