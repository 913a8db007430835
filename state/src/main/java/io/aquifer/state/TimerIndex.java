package io.aquifer.state;

import java.util.Arrays;

/// The set of all timers of a table: an extendible hash table of references to their records, on
/// [TimerIndexPage]s.
///
/// The directory, the only part on the Java heap, maps the top bits of a hash to a page. A page
/// that is full splits alone, and two half-empty buddies merge again. A page that cannot split,
/// since its hashes agree in more bits than a directory of reasonable size tells apart, gets pages
/// chained behind it.
///
/// **Invariant:** with `d` the depth of a page, exactly the `2^(depth - d)` directory entries that
/// agree in the top `d` bits name it, with the sign bit set if a chain hangs on it.
final class TimerIndex {
    private static final int DEPTH_MAX = TimerIndexPage.TAG_BITS - 9;
    private static final int DIRECTORY_ENTRIES_PER_PAGE_MAX = 16;
    private static final int MERGED_COUNT_MAX = TimerIndexPage.COUNT_MAX / 2;
    private static final long CHAINED = Long.MIN_VALUE;

    private final PageSource source;
    private final TimerRecords records;

    /// Page addresses by the top bits of the hash; 0 before the first insertion.
    private long[] directory = new long[2];

    private int shift = 63;
    private int pageCount;

    /// Pages that only one entry names, so that the directory cannot be halved.
    private int pagesOfFullDepth;

    TimerIndex(PageSource source, TimerRecords records) {
        this.source = source;
        this.records = records;
    }

    int pageCount() {
        return pageCount;
    }

    long heapBytes() {
        return 8L * directory.length + 64;
    }

    long[] directory() {
        return directory;
    }

    private long entry(long hash) {
        return directory[(int) (hash >>> shift)];
    }

    private static long firstOf(long entry) {
        return entry & ~CHAINED;
    }

    /// The record of a timer, or 0.
    long find(long hash, long time, byte[] key, int offset, int length) {
        for (long page = firstOf(entry(hash)); page != 0; page = pageAfter(page, hash)) {
            for (int at = TimerIndexPage.home(hash); ; at = TimerIndexPage.after(at)) {
                long slot = TimerIndexPage.slot(page, at);
                if (slot == 0) {
                    break;
                }
                if (((slot ^ hash) & TimerIndexPage.TAG_MASK) == 0) {
                    long record = slot & SlabPages.REF_MASK;
                    if (records.matches(record, time, key, offset, length)) {
                        return record;
                    }
                }
            }
        }
        return 0;
    }

    /// The page chained behind this one, or 0; only a chain is worth the look.
    private long pageAfter(long page, long hash) {
        return entry(hash) < 0 ? TimerIndexPage.nextPage(page) : 0;
    }

    /// Adds the record of a timer that is not there.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the timers are as before
    void insert(long hash, long record) {
        long slot = hash & TimerIndexPage.TAG_MASK | record;
        while (true) {
            long entry = entry(hash);
            if (entry == 0) {
                Arrays.fill(directory, newPage(0));
            } else if (entry < 0) {
                insertChained(firstOf(entry), hash, slot);
                return;
            } else if (TimerIndexPage.count(entry) < TimerIndexPage.COUNT_MAX) {
                TimerIndexPage.insert(entry, slot);
                return;
            } else if (canSplit(entry)) {
                split(entry, hash);
            } else {
                insertChained(entry, hash, slot);
                return;
            }
        }
    }

    /// Removes a record that is there.
    void remove(long hash, long record) {
        for (long page = firstOf(entry(hash)); page != 0; page = pageAfter(page, hash)) {
            for (int at = TimerIndexPage.home(hash); ; at = TimerIndexPage.after(at)) {
                long slot = TimerIndexPage.slot(page, at);
                if (slot == 0) {
                    break;
                }
                if ((slot & SlabPages.REF_MASK) == record) {
                    TimerIndexPage.removeAt(page, at);
                    if ((TimerIndexPage.count(page) & 63) == 0) {
                        shrink(hash);
                    }
                    return;
                }
            }
        }
        throw new IllegalStateException("a timer is not in its index: the table is damaged");
    }

    void clear() {
        for (int position = 0; position < directory.length && directory[position] != 0; ) {
            long page = firstOf(directory[position]);
            position += directory.length >> TimerIndexPage.depth(page);
            while (page != 0) {
                long next = TimerIndexPage.nextPage(page);
                source.release(page);
                page = next;
            }
        }
        directory = new long[2];
        shift = 63;
        pageCount = 0;
        pagesOfFullDepth = 0;
    }

    private int depth() {
        return Long.SIZE - shift;
    }

    private long newPage(int pageDepth) {
        long page = source.allocate();
        TimerIndexPage.format(page, pageDepth);
        pageCount++;
        return page;
    }

    private void releasePage(long page) {
        source.release(page);
        pageCount--;
    }

    private boolean canSplit(long page) {
        return TimerIndexPage.depth(page) < depth()
                || depth() < DEPTH_MAX
                        && directory.length
                                < Math.max(64, DIRECTORY_ENTRIES_PER_PAGE_MAX * pageCount);
    }

    private void split(long page, long hash) {
        int newDepth = TimerIndexPage.depth(page) + 1;
        long added = newPage(newDepth);
        if (newDepth > depth()) {
            doubleDirectory();
        }
        TimerIndexPage.split(page, added, 1L << (Long.SIZE - newDepth));
        TimerIndexPage.setDepth(page, newDepth);
        int half = directory.length >> newDepth;
        int upper = ((int) (hash >>> (Long.SIZE - newDepth)) | 1) * half;
        Arrays.fill(directory, upper, upper + half, added);
        if (newDepth == depth()) {
            pagesOfFullDepth += 2;
        }
    }

    private void doubleDirectory() {
        long[] doubled = new long[directory.length * 2];
        for (int i = 0; i < doubled.length; i++) {
            doubled[i] = directory[i >> 1];
        }
        directory = doubled;
        shift--;
        pagesOfFullDepth = 0;
    }

    private void insertChained(long first, long hash, long slot) {
        for (long page = first; page != 0; page = TimerIndexPage.nextPage(page)) {
            if (TimerIndexPage.count(page) < TimerIndexPage.COUNT_MAX) {
                TimerIndexPage.insert(page, slot);
                return;
            }
        }
        long added = newPage(TimerIndexPage.depth(first));
        TimerIndexPage.insert(added, slot);
        TimerIndexPage.setNextPage(added, TimerIndexPage.nextPage(first));
        TimerIndexPage.setNextPage(first, added);
        setEntries(hash, first | CHAINED);
    }

    /// Lets all directory entries of the page of a hash be `entry`.
    private void setEntries(long hash, long entry) {
        int span = directory.length >> TimerIndexPage.depth(firstOf(entry));
        int from = (int) (hash >>> shift) & -span;
        Arrays.fill(directory, from, from + span, entry);
    }

    /// Gives pages back that a removal may have made superfluous.
    private void shrink(long hash) {
        if (entry(hash) < 0) {
            dropEmptyOfChain(hash);
        }
        while (entry(hash) > 0 && mergeWithBuddy(hash)) {
            halveDirectory();
        }
    }

    private void dropEmptyOfChain(long hash) {
        long first = firstOf(entry(hash));
        long before = first;
        for (long page = TimerIndexPage.nextPage(first);
                page != 0;
                page = TimerIndexPage.nextPage(before)) {
            if (TimerIndexPage.count(page) == 0) {
                TimerIndexPage.setNextPage(before, TimerIndexPage.nextPage(page));
                releasePage(page);
            } else {
                before = page;
            }
        }
        if (TimerIndexPage.nextPage(first) == 0) {
            setEntries(hash, first);
        }
    }

    private boolean mergeWithBuddy(long hash) {
        long page = entry(hash);
        int pageDepth = TimerIndexPage.depth(page);
        if (pageDepth == 0) {
            return false;
        }
        long bit = 1L << (Long.SIZE - pageDepth);
        long buddy = entry(hash ^ bit);
        if (buddy < 0
                || TimerIndexPage.depth(buddy) != pageDepth
                || TimerIndexPage.count(page) + TimerIndexPage.count(buddy) > MERGED_COUNT_MAX) {
            return false;
        }
        TimerIndexPage.merge(page, buddy);
        if (pageDepth == depth()) {
            pagesOfFullDepth -= 2;
        }
        TimerIndexPage.setDepth(page, pageDepth - 1);
        setEntries(hash, page);
        releasePage(buddy);
        return true;
    }

    private void halveDirectory() {
        while (pagesOfFullDepth == 0 && directory.length > 2) {
            long[] halved = new long[directory.length / 2];
            int full = 0;
            for (int i = 0; i < halved.length; i++) {
                halved[i] = directory[i * 2];
            }
            directory = halved;
            shift++;
            for (long entry : directory) {
                full += TimerIndexPage.depth(firstOf(entry)) == depth() ? 1 : 0;
            }
            pagesOfFullDepth = full;
        }
    }
}
