package io.aquifer.state;

import io.aquifer.memory.PageLease;

import java.util.Objects;

/// A fixed number of bits on the pages of one lease, all 0 at first.
///
/// All pages are taken at the start, all or none, and kept to the end; no later call takes memory
/// or throws for lack of it.
///
/// **Threads.** One at a time.
public final class PagedBits implements AutoCloseable {
    /// The most bits: 32 TiB of them.
    public static final long SIZE_MAX = 1L << 48;

    private static final String CLOSED = "these bits were closed and their pages were given back";

    private final PageSource source;
    private final LinearPages words;
    private final long size;
    private long cardinality;
    private boolean closed;

    private PagedBits(PageSource source, long size) {
        this.source = source;
        this.words = new LinearPages(source);
        this.size = size;
    }

    /// Takes `(size + 262143) / 262144` pages, 262,144 bits each.
    ///
    /// @param pages where all pages come from; belongs to the bits from now on, and ends also if
    ///   this throws
    /// @param size how many bits, from 1 to [#SIZE_MAX]
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room for all of them; all
    ///   pages were given back
    public static PagedBits open(PageLease pages, long size) {
        return open(PageSource.of(pages), size);
    }

    static PagedBits open(PageSource source, long size) {
        if (size < 1 || size > SIZE_MAX) {
            source.end();
            throw new IllegalArgumentException(
                    "cannot make a set of %,d bits: it has from 1 to %,d"
                            .formatted(size, SIZE_MAX));
        }
        PagedBits bits = new PagedBits(source, size);
        boolean opened = false;
        try {
            bits.words.reserve((size + 7) >>> 3);
            bits.words.zero();
            opened = true;
        } finally {
            if (!opened) {
                bits.close();
            }
        }
        return bits;
    }

    /// @throws IndexOutOfBoundsException if `bit` is not from 0 to below [#size], as in every call
    public boolean get(long bit) {
        check(bit);
        return (words.longAt(placeOf(bit)) >>> bit & 1) != 0;
    }

    /// Sets a bit to 1; whether it was 0.
    public boolean set(long bit) {
        check(bit);
        long place = placeOf(bit);
        long word = words.longAt(place);
        long mask = 1L << bit;
        if ((word & mask) != 0) {
            return false;
        }
        words.setLong(place, word | mask);
        cardinality++;
        return true;
    }

    /// Sets a bit to 0; whether it was 1.
    public boolean clear(long bit) {
        check(bit);
        long place = placeOf(bit);
        long word = words.longAt(place);
        long mask = 1L << bit;
        if ((word & mask) == 0) {
            return false;
        }
        words.setLong(place, word & ~mask);
        cardinality--;
        return true;
    }

    /// The first bit from `from` on that is 1, or -1 if there is none. Reads word by word.
    ///
    /// @param from from 0 to [#size], both included
    public long nextSetBit(long from) {
        requireOpen();
        Objects.checkFromToIndex(from, size, size);
        for (long bit = from; bit < size; bit = (bit | 63) + 1) {
            long word = words.longAt(placeOf(bit)) >>> bit;
            if (word != 0) {
                return bit + Long.numberOfTrailingZeros(word);
            }
        }
        return -1;
    }

    private static long placeOf(long bit) {
        return bit >>> 6 << 3;
    }

    private void check(long bit) {
        requireOpen();
        Objects.checkIndex(bit, size);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
    }

    /// How many bits there are.
    public long size() {
        return size;
    }

    /// How many of them are 1.
    public long cardinality() {
        return cardinality;
    }

    /// Sets all bits to 0; the pages are kept.
    public void clear() {
        requireOpen();
        words.zero();
        cardinality = 0;
    }

    /// Pages held now.
    public int pageCount() {
        return words.pageCount();
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    @Override
    public void close() {
        closed = true;
        cardinality = 0;
        words.truncate(0);
        source.end();
    }
}
