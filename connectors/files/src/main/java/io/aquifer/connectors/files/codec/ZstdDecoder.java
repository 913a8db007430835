package io.aquifer.connectors.files.codec;

import java.io.IOException;
import java.util.Arrays;

/// Decodes Zstandard frames (RFC 8878) from one array into another, in Java alone: no native
/// library, no `Unsafe`.
///
/// Content checksums are verified; frames that need a dictionary are refused. Whatever the input,
/// it reads and writes only inside the given ranges and ends: damage is an [IOException] or an
/// [IndexOutOfBoundsException].
///
/// **Threads**: one at a time; an instance is worth keeping, since it owns the tables.
public final class ZstdDecoder {
    private static final int MAGIC = 0xFD2FB528;
    private static final int BLOCK_BYTES_MAX = 128 * 1024;

    private final HuffmanTable huffman = new HuffmanTable();
    private final BackwardBits stream = new BackwardBits();
    private final SequenceTables sequences = new SequenceTables();
    private final byte[] literals = new byte[BLOCK_BYTES_MAX];
    private int literalCount;
    private boolean huffmanPresent;

    /// Decodes every frame in `in[from, to)` into `out[outFrom, outTo)`.
    ///
    /// @return how many bytes were written
    public int decode(byte[] in, int from, int to, byte[] out, int outFrom, int outTo)
            throws IOException {
        int at = from;
        int written = outFrom;
        while (at < to) {
            need(at, 4, to);
            int magic = int32(in, at);
            if ((magic & 0xFFFFFFF0) == 0x184D2A50) {
                need(at, 8, to);
                long next = at + 8L + (int32(in, at + 4) & 0xFFFFFFFFL);
                if (next > to) {
                    throw new IOException("a skippable Zstandard frame is cut off");
                }
                at = (int) next;
                continue;
            }
            if (magic != MAGIC) {
                throw new IOException(
                        "no Zstandard frame: it starts with 0x" + Integer.toHexString(magic));
            }
            FrameHeader header = FrameHeader.read(in, at + 4, to);
            at = header.end();
            int frameStart = written;
            huffmanPresent = false;
            sequences.reset();
            boolean last;
            do {
                need(at, 3, to);
                int block = in[at] & 0xFF | (in[at + 1] & 0xFF) << 8 | (in[at + 2] & 0xFF) << 16;
                at += 3;
                last = (block & 1) != 0;
                int type = block >>> 1 & 3;
                int size = block >>> 3;
                need(at, type == 1 ? 1 : size, to);
                switch (type) {
                    case 0 -> {
                        room(written, size, outTo);
                        System.arraycopy(in, at, out, written, size);
                        written += size;
                        at += size;
                    }
                    case 1 -> {
                        room(written, size, outTo);
                        Arrays.fill(out, written, written + size, in[at++]);
                        written += size;
                    }
                    case 2 -> {
                        written = decodeBlock(in, at, at + size, out, frameStart, written, outTo);
                        at += size;
                    }
                    default -> throw new IOException("a Zstandard block of the reserved type 3");
                }
            } while (!last);
            if (header.contentSize() >= 0 && header.contentSize() != written - frameStart) {
                throw new IOException(
                        "a Zstandard frame has "
                                + (written - frameStart)
                                + " bytes, its header promises "
                                + header.contentSize());
            }
            if (header.checksum()) {
                need(at, 4, to);
                if (int32(in, at) != (int) XxHash64.hash(out, frameStart, written)) {
                    throw new IOException("the checksum of a Zstandard frame is wrong");
                }
                at += 4;
            }
        }
        return written - outFrom;
    }

    private int decodeBlock(
            byte[] in, int from, int to, byte[] out, int outStart, int outAt, int outTo)
            throws IOException {
        int at = readLiterals(in, from, to);
        return sequences.execute(
                in, at, to, stream, literals, literalCount, out, outStart, outAt, outTo);
    }

    private int readLiterals(byte[] in, int from, int to) throws IOException {
        int type = in[from] & 3;
        int format = in[from] >>> 2 & 3;
        if (type < 2) {
            int headerBytes = (format & 1) == 0 ? 1 : format == 1 ? 2 : 3;
            need(from, headerBytes, to);
            int header = (int) little(in, from, headerBytes);
            literalCount = header >>> (headerBytes == 1 ? 3 : 4);
            check(literalCount <= BLOCK_BYTES_MAX);
            int at = from + headerBytes;
            if (type == 1) {
                need(at, 1, to);
                Arrays.fill(literals, 0, literalCount, in[at]);
                return at + 1;
            }
            need(at, literalCount, to);
            System.arraycopy(in, at, literals, 0, literalCount);
            return at + literalCount;
        }
        int headerBytes = format < 2 ? 3 : format + 2;
        need(from, headerBytes, to);
        int width = format < 2 ? 10 : format == 2 ? 14 : 18;
        long header = little(in, from, headerBytes) >>> 4;
        literalCount = (int) (header & (1L << width) - 1);
        int compressed = (int) (header >>> width & (1L << width) - 1);
        check(literalCount <= BLOCK_BYTES_MAX);
        int at = from + headerBytes;
        need(at, compressed, to);
        int end = at + compressed;
        if (type == 2) {
            at = huffman.read(in, at, end);
            huffmanPresent = true;
        } else if (!huffmanPresent) {
            throw new IOException("a Zstandard block repeats a literal tree that there is not");
        }
        if (format == 0) {
            stream.open(in, at, end);
            stream.decode(huffman, literals, 0, literalCount);
        } else {
            decodeFourStreams(in, at, end);
        }
        return end;
    }

    private void decodeFourStreams(byte[] in, int at, int end) throws IOException {
        need(at, 6, end);
        int part = (literalCount + 3) / 4;
        int start = at + 6;
        for (int i = 0; i < 4; i++) {
            int next = i == 3 ? end : start + (int) little(in, at + 2 * i, 2);
            check(next <= end && 3 * part <= literalCount);
            stream.open(in, start, next);
            stream.decode(huffman, literals, i * part, i == 3 ? literalCount : (i + 1) * part);
            start = next;
        }
    }

    private static void check(boolean sane) throws IOException {
        if (!sane) {
            throw new IOException("the sizes in a Zstandard block contradict each other");
        }
    }

    static void need(int at, int count, int end) throws IOException {
        if (count > end - at) {
            throw new IOException("a Zstandard frame is cut off");
        }
    }

    static void room(int at, int count, int end) throws IOException {
        if (count > end - at) {
            throw new IOException("a Zstandard frame holds more than the page's header says");
        }
    }

    static long little(byte[] in, int at, int count) {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = value << 8 | in[at + i] & 0xFF;
        }
        return value;
    }

    private static int int32(byte[] in, int at) {
        return (int) little(in, at, 4);
    }

    /// What stands before a frame's blocks.
    ///
    /// @param contentSize in bytes, -1 when it is not said
    private record FrameHeader(long contentSize, boolean checksum, int end) {
        static FrameHeader read(byte[] in, int at, int to) throws IOException {
            need(at, 1, to);
            int descriptor = in[at];
            boolean singleSegment = (descriptor >>> 5 & 1) != 0;
            if ((descriptor & 8) != 0) {
                throw new IOException("a Zstandard frame of a later format");
            }
            int dictionaryBytes = (1 << (descriptor & 3)) >>> 1;
            int sizeFlag = descriptor >>> 6 & 3;
            int sizeBytes = sizeFlag == 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
            int next = at + (singleSegment ? 1 : 2);
            need(at, next - at + dictionaryBytes + sizeBytes, to);
            if (little(in, next, dictionaryBytes) != 0) {
                throw new IOException("a Zstandard frame that needs a dictionary");
            }
            next += dictionaryBytes;
            long size =
                    sizeBytes == 0 ? -1 : little(in, next, sizeBytes) + (sizeBytes == 2 ? 256 : 0);
            return new FrameHeader(size, (descriptor & 4) != 0, next + sizeBytes);
        }
    }
}
