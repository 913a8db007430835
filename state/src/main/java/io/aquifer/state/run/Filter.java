package io.aquifer.state.run;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.file.layout.Layout;

import org.jspecify.annotations.Nullable;

import java.nio.ByteOrder;

/// Says of most keys that are not in a run that they are not: a Bloom filter whose bits for a key
/// all lie in one line of 64 bytes, so that a probe is one access to memory (Putze, Sanders,
/// Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
///
/// Line and bits follow from one 64-bit hash of routing, kind and key: the line from its high part,
/// the bits from its low half, nine each time (as in RocksDB's `FastLocalBloom`). So two
/// neighbouring lines, one laid over the other, make the line of a filter of half the size: [#fold]
/// fits a filter to what came.
final class Filter {
    private static final int LINE_SHIFT = 6;
    private static final double LINE_BITS = 512;
    private static final long LINES_MAX = 1L << 40;

    /// Down to so many lines, or twice, can a filter be folded.
    private static final int LEAST_FOLDED = 16;

    private static final int ODD_32 = 0x9E37_79B9;
    private static final long ODD_A = 0xBF58_476D_1CE4_E5B9L;
    private static final long ODD_B = 0x94D0_49BB_1331_11EBL;
    private static final int PROBES_MAX = 12;
    private static final boolean NATIVE_IS_LITTLE =
            ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final PageSpan span;
    private final int probes;
    private long lines;

    private Filter(PageSpan span, long lines, int probes) {
        this.span = span;
        this.lines = lines;
        this.probes = probes;
    }

    /// An empty filter, or null if there is no memory for it or no need of one.
    static @Nullable Filter tryOpen(RunPages pages, int bitsPerKey, long expected) {
        if (bitsPerKey == 0 || expected == 0) {
            return null;
        }
        double wanted = Math.ceil((double) bitsPerKey * expected / LINE_BITS);
        if (wanted > LINES_MAX) {
            return null;
        }
        // A power of two in it, so that it can be folded, and little more than wanted.
        long unit = Math.max(1, Long.highestOneBit((long) wanted / LEAST_FOLDED));
        long lines = Math.ceilDiv((long) wanted, unit) * unit;
        int probes = Math.clamp(Math.round(bitsPerKey * 0.6f), 1, PROBES_MAX);
        return tryOpenLines(pages, lines, probes);
    }

    /// A filter of so many lines, all zero, or null if there is no memory for it.
    static @Nullable Filter tryOpenLines(RunPages pages, long lines, int probes) {
        PageSpan span = new PageSpan(pages);
        if (!span.tryReserve(lines << LINE_SHIFT)) {
            return null;
        }
        span.zero();
        return new Filter(span, lines, probes);
    }

    /// The hash of a key. It is part of the file format: hash 1 of `docs/checkpoint-format.md`.
    static long hash(long routing, int kind, byte[] key, int offset, int length) {
        long hash = step(kind * ODD_B + length, routing);
        int at = offset;
        int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = step(hash, Layout.getLong(key, at));
        }
        if (at < end) {
            long tail = 0;
            for (int shift = 0; at < end; shift += Byte.SIZE) {
                tail |= (key[at++] & 0xFFL) << shift;
            }
            hash = step(hash, tail);
        }
        return hash ^ hash >>> 32;
    }

    /// The same of a key in page memory.
    static long hash(long routing, int kind, long key, int length) {
        long hash = step(kind * ODD_B + length, routing);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            hash = step(hash, littleEndian(getLong(key + at)));
        }
        if (at < length) {
            long tail = 0;
            for (int shift = 0; at < length; shift += Byte.SIZE) {
                tail |= (PageAccess.getByte(key + at++) & 0xFFL) << shift;
            }
            hash = step(hash, tail);
        }
        return hash ^ hash >>> 32;
    }

    private static long littleEndian(long word) {
        return NATIVE_IS_LITTLE ? word : Long.reverseBytes(word);
    }

    private static long step(long hash, long word) {
        long x = (hash ^ word) * ODD_A;
        return (x ^ x >>> 32) * ODD_B;
    }

    void add(long hash) {
        long line = line(hash);
        int bits = (int) hash;
        for (int i = 0; i < probes; i++) {
            long word = line + (bits >>> 29 << 3);
            putLong(word, getLong(word) | 1L << (bits >>> 23));
            bits *= ODD_32;
        }
    }

    boolean mayContain(long hash) {
        long line = line(hash);
        int bits = (int) hash;
        for (int i = 0; i < probes; i++) {
            if ((getLong(line + (bits >>> 29 << 3)) & 1L << (bits >>> 23)) == 0) {
                return false;
            }
            bits *= ODD_32;
        }
        return true;
    }

    private long line(long hash) {
        return span.address(Math.unsignedMultiplyHigh(hash, lines) << LINE_SHIFT);
    }

    /// Halves the filter as often as it stays large enough for `entries`.
    void fold(int bitsPerKey, long entries) {
        double wanted = (double) bitsPerKey * entries;
        while (lines % 2 == 0 && lines / 2 * LINE_BITS >= wanted) {
            lines /= 2;
            for (long line = 0; line < lines; line++) {
                long to = span.address(line << LINE_SHIFT);
                long left = span.address(line << LINE_SHIFT + 1);
                for (int i = 0; i < RunLayout.LINE; i += Long.BYTES) {
                    putLong(to + i, getLong(left + i) | getLong(left + RunLayout.LINE + i));
                }
            }
        }
        span.truncate(lines << LINE_SHIFT);
    }

    long lines() {
        return lines;
    }

    int probes() {
        return probes;
    }

    /// Copies lines out, as they are in a file.
    void readLines(long first, int count, byte[] to, int offset) {
        for (int i = 0; i < count << LINE_SHIFT; i += Long.BYTES) {
            Layout.putLong(to, offset + i, getLong(span.address((first << LINE_SHIFT) + i)));
        }
    }

    /// Copies lines in, as they are in a file.
    void writeLines(long first, int count, byte[] from, int offset) {
        for (int i = 0; i < count << LINE_SHIFT; i += Long.BYTES) {
            putLong(span.address((first << LINE_SHIFT) + i), Layout.getLong(from, offset + i));
        }
    }

    long heldBytes() {
        return span.heldBytes();
    }

    void release() {
        span.release();
    }
}
