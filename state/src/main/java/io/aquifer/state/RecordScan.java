package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.Arrays;

/// One pass over the records of a [RecordTable] in the order of their addresses, a batch at a time.
///
/// Walking the index reads records in the order of their hashes and waits for a cache miss at each.
/// Instead the index is read once, front to back, to set a bit for each record, and then the bits
/// lead through memory forward: three times as fast where the records outgrow the cache. Bits take
/// one byte in 64 of the pages they stand for, 4 MiB on the Java heap at most; a table of more than
/// 256 MiB of records is passed over window by window.
///
/// The table must not change during the pass.
final class RecordScan {
    private static final int BATCH = 64;
    private static final int WINDOW_PAGES = 8192;

    /// A bit stands for 8 bytes, so a word of 64 bits for 512.
    private static final int WORD_SHIFT = 6;

    private static final int WORD_BYTES_SHIFT = 9;
    private static final int PAGE_WORDS = PageSource.PAGE_BYTES >> WORD_BYTES_SHIFT;

    private final RecordTable table;
    private final RecordPages pages;
    private final int windowPages;
    private final long[] addresses = new long[BATCH];

    /// Of pages from `windowStart` on, by number.
    private final long[] bits;

    private int windowStart;
    private int word;
    private long wordBits;
    private long wordAddress;
    private long sink;

    RecordScan(RecordTable table) {
        this(table, WINDOW_PAGES);
    }

    /// @param windowPagesMax pages to set bits for at a time
    RecordScan(RecordTable table, int windowPagesMax) {
        this.table = table;
        this.pages = table.pages;
        windowPages = Math.min(pages.numberEnd(), windowPagesMax);
        bits = new long[windowPages * PAGE_WORDS];
        mark();
    }

    /// Goes to the next records and returns how many; 0 at the end.
    int next() {
        int count = 0;
        while (count < BATCH && (wordBits != 0 || toNextWord())) {
            addresses[count++] = wordAddress + ((long) Long.numberOfTrailingZeros(wordBits) << 3);
            wordBits &= wordBits - 1;
        }
        return count;
    }

    /// The address of a record of the batch, from 0.
    long address(int i) {
        return addresses[i];
    }

    /// Brings what lies at an address into the cache, without waiting for it.
    void touch(long address) {
        sink += getLong(address);
    }

    private boolean toNextWord() {
        while (word < bits.length || toNextWindow()) {
            wordBits = bits[word];
            if (wordBits != 0) {
                int page = windowStart + word / PAGE_WORDS;
                wordAddress = pages.pageAddress(page) + (word % PAGE_WORDS << WORD_BYTES_SHIFT);
                word++;
                return true;
            }
            word++;
        }
        return false;
    }

    private boolean toNextWindow() {
        if (pages.numberEnd() - windowStart <= windowPages) {
            return false;
        }
        windowStart += windowPages;
        word = 0;
        Arrays.fill(bits, 0);
        mark();
        return true;
    }

    private void mark() {
        if (table.directory.isEmpty()) {
            return;
        }
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            long page = Directory.firstOf(directory.entryAt(at));
            for (; page != 0; page = IndexPage.next(page)) {
                markIn(page);
            }
        }
        if (windowStart == 0) {
            bits[0] = 0;
        }
    }

    /// An empty slot sets the first bit of page 0, which is none: no branch that cannot be
    /// predicted.
    private void markIn(long page) {
        long firstWord = (long) windowStart * PAGE_WORDS;
        for (long at = page; at < page + IndexPage.HEADER; at += 8) {
            long ref = IndexPage.ref(getLong(at));
            long place = (ref >>> WORD_SHIFT) - firstWord;
            if (place >= 0 && place < bits.length) {
                bits[(int) place] |= 1L << ref;
            }
        }
    }
}
