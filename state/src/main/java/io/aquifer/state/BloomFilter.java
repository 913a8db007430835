package io.aquifer.state;

import io.aquifer.memory.PageLease;

import java.util.Objects;

/// A Bloom filter of byte keys on the pages of one lease: it forgets no key, and takes a key it has
/// not seen for one it has with a known probability.
///
/// The bits are `-n ln p / (ln 2)²`, rounded up to whole pages, which are all taken at the start.
/// The `k` bits of a key are `h1 + i * h2` (Kirsch and Mitzenmacher, "Less Hashing, Same
/// Performance", 2006), of two seeded 64-bit hashes.
///
/// **Threads.** One at a time.
public final class BloomFilter implements AutoCloseable {
    private static final long BITS_PER_PAGE = 8L * PageSource.PAGE_BYTES;
    private static final long SECOND_SEED = 0x6A09E667F3BCC909L;

    private final PagedBits bits;
    private final KeyRouting first;
    private final KeyRouting second;
    private final int hashCount;

    private BloomFilter(PagedBits bits, long seed, int hashCount) {
        this.bits = bits;
        this.first = KeyRouting.ungrouped(seed);
        this.second = KeyRouting.ungrouped(seed ^ SECOND_SEED);
        this.hashCount = hashCount;
    }

    /// An empty filter.
    ///
    /// @param pages where all pages come from; belongs to the filter from now on, and ends also if
    ///   this throws
    /// @param seed makes it unpredictable which keys are taken for others; need not be kept
    /// @param expected how many different keys will be added, at least 1; with more of them, false
    ///   answers become more frequent
    /// @param falsePositiveRate how many of a million keys never added are taken for added, as a
    ///   fraction between 0 and 1, both excluded
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room for all bits; all
    ///   pages were given back
    public static BloomFilter open(
            PageLease pages, long seed, long expected, double falsePositiveRate) {
        return open(PageSource.of(pages), seed, expected, falsePositiveRate);
    }

    static BloomFilter open(PageSource source, long seed, long expected, double falsePositiveRate) {
        double wanted = bitsFor(expected, falsePositiveRate);
        if (!(wanted <= PagedBits.SIZE_MAX)) {
            source.end();
            throw new IllegalArgumentException(
                    "cannot make a Bloom filter for %,d keys with a false positive rate of %s: it takes at least 1 key, a rate above 0 and below 1, and at most %,d bits"
                            .formatted(expected, falsePositiveRate, PagedBits.SIZE_MAX));
        }
        long size = Math.ceilDiv(Math.max(1, (long) wanted), BITS_PER_PAGE) * BITS_PER_PAGE;
        int hashes = (int) Math.max(1, Math.round(wanted / expected * Math.log(2)));
        return new BloomFilter(PagedBits.open(source, size), seed, hashes);
    }

    /// How many bits are wanted, NaN where there is no answer.
    private static double bitsFor(long expected, double rate) {
        if (expected < 1 || !(rate > 0 && rate < 1)) {
            return Double.NaN;
        }
        return Math.ceil(-expected * Math.log(rate) / (Math.log(2) * Math.log(2)));
    }

    /// Adds a key; whether it is certain that it had not been added before.
    public boolean add(byte[] key, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, key.length);
        long hash = first.of(0, key, offset, length);
        long step = second.of(0, key, offset, length) | 1;
        boolean added = false;
        for (int i = 0; i < hashCount; i++) {
            added |= bits.set(bitOf(hash));
            hash += step;
        }
        return added;
    }

    /// False if the key was certainly not added; true if it was, or by chance.
    public boolean mightContain(byte[] key, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, key.length);
        long hash = first.of(0, key, offset, length);
        long step = second.of(0, key, offset, length) | 1;
        for (int i = 0; i < hashCount; i++) {
            if (!bits.get(bitOf(hash))) {
                return false;
            }
            hash += step;
        }
        return true;
    }

    /// Spreads a hash evenly over all bits by its high part, without a division.
    private long bitOf(long hash) {
        return Math.unsignedMultiplyHigh(hash, bits.size());
    }

    /// How many bits it has.
    public long bitCount() {
        return bits.size();
    }

    /// How many bits stand for a key.
    public int hashCount() {
        return hashCount;
    }

    /// Forgets all keys; the pages are kept.
    public void clear() {
        bits.clear();
    }

    /// Pages held now.
    public int pageCount() {
        return bits.pageCount();
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    @Override
    public void close() {
        bits.close();
    }
}
