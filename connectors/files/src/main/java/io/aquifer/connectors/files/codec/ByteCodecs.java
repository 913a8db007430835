package io.aquifer.connectors.files.codec;

import java.io.IOException;

/// Decoders of the two plain LZ77 formats of Parquet pages, Snappy and raw LZ4.
///
/// Whatever the input, they touch only the given ranges and end: damage is an [IOException] or an
/// [IndexOutOfBoundsException]. Both return how many bytes they wrote.
public final class ByteCodecs {
    private ByteCodecs() {}

    public static int decodeSnappy(byte[] in, int from, int to, byte[] out, int outTo)
            throws IOException {
        int at = from;
        long size = 0;
        for (int shift = 0; ; shift += 7) {
            int b = in[at++];
            size |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                break;
            }
        }
        if (size > outTo) {
            throw new IOException(
                    "a Snappy page of " + size + " bytes, its header promises " + outTo);
        }
        int written = 0;
        while (at < to) {
            int tag = in[at++] & 0xFF;
            int kind = tag & 3;
            if (kind == 0) {
                int length = (tag >>> 2) + 1;
                if (length > 60) {
                    int bytes = length - 60;
                    length = (int) ZstdDecoder.little(in, at, bytes) + 1;
                    at += bytes;
                }
                literal(in, at, to, out, written, outTo, length);
                at += length;
                written += length;
                continue;
            }
            int length;
            int offset;
            if (kind == 1) {
                length = 4 + (tag >>> 2 & 7);
                offset = (tag >>> 5) << 8 | in[at++] & 0xFF;
            } else {
                length = (tag >>> 2) + 1;
                int bytes = kind == 2 ? 2 : 4;
                offset = (int) ZstdDecoder.little(in, at, bytes);
                at += bytes;
            }
            repeat(out, written, outTo, offset, length);
            written += length;
        }
        if (at != to || written != size) {
            throw new IOException("a Snappy page has " + written + " bytes, it promises " + size);
        }
        return written;
    }

    public static int decodeLz4(byte[] in, int from, int to, byte[] out, int outTo)
            throws IOException {
        int at = from;
        int written = 0;
        while (at < to) {
            int token = in[at++] & 0xFF;
            int length = token >>> 4;
            if (length == 15) {
                int more;
                do {
                    more = in[at++] & 0xFF;
                    length += more;
                } while (more == 255);
            }
            literal(in, at, to, out, written, outTo, length);
            at += length;
            written += length;
            if (at == to) {
                return written;
            }
            int offset = (int) ZstdDecoder.little(in, at, 2);
            at += 2;
            length = token & 15;
            if (length == 15) {
                int more;
                do {
                    more = in[at++] & 0xFF;
                    length += more;
                } while (more == 255);
            }
            repeat(out, written, outTo, offset, length + 4);
            written += length + 4;
        }
        throw new IOException("an LZ4 page ends in the middle of a sequence");
    }

    private static void literal(
            byte[] in, int at, int to, byte[] out, int written, int outTo, int length)
            throws IOException {
        if (length < 0 || length > to - at || length > outTo - written) {
            throw new IOException(
                    "a compressed page is cut off or holds more than its header says");
        }
        System.arraycopy(in, at, out, written, length);
    }

    private static void repeat(byte[] out, int written, int outTo, int offset, int length)
            throws IOException {
        if (offset <= 0 || offset > written || length < 0 || length > outTo - written) {
            throw new IOException(
                    "a compressed page repeats what was never written or holds more than its header"
                            + " says");
        }
        if (offset >= length) {
            System.arraycopy(out, written - offset, out, written, length);
        } else {
            for (int i = 0; i < length; i++) {
                out[written + i] = out[written + i - offset];
            }
        }
    }
}
