package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.Arrays;

/// An extendible hash table of record references on [IndexPage]s.
///
/// The directory, the only part on the Java heap, maps the top bits of a hash to a page. A page
/// that is full splits alone, which moves at most 3,456 slots; the directory doubles by copying 8
/// bytes per page. Two half-empty buddies merge again. A page that cannot split, since its hashes
/// agree in more bits than a directory of reasonable size tells apart, gets pages chained behind
/// it, which a search walks.
///
/// **Invariant:** with `d` the depth of a page, exactly the `2^(depth - d)` directory entries that
/// agree in the top `d` bits name it, with the sign bit set if a chain hangs on it.
final class HashIndex {
    /// Splits stop at this depth: the tag of a slot has no more bits.
    private static final int DEPTH_MAX = IndexPage.TAG_BITS;

    private static final int DIRECTORY_ENTRIES_PER_PAGE_MAX = 16;
    private static final int MERGED_COUNT_MAX = IndexPage.COUNT_MAX / 2;
    private static final long CHAINED = Long.MIN_VALUE;

    private final PageSource source;
    private final BlockHeap heap;

    /// Page addresses by the top `depth` bits of the hash; 0 before the first insertion.
    private long[] directory = new long[2];

    private int shift = 63;
    private int pageCount;
    private int pagesOfFullDepth;
    private long size;
    private long changes;

    private int iterations;
    private long visitedSlot;
    private boolean closed;

    HashIndex(PageSource source, BlockHeap heap) {
        this.source = source;
        this.heap = heap;
    }

    long size() {
        return size;
    }

    int pageCount() {
        return pageCount;
    }

    long heapBytes() {
        return 8L * directory.length + 96;
    }

    /// The page to search for a hash: 0 for none, negative with a chain, see [#firstOf].
    long entry(long hash) {
        return directory[(int) (hash >>> shift)];
    }

    static long firstOf(long entry) {
        return entry & ~CHAINED;
    }

    /// Differs whenever the address of a slot may have changed.
    long changes() {
        return changes;
    }

    int directoryLength() {
        return directory.length;
    }

    long entryAt(int position) {
        return directory[position];
    }

    /// The directory position after all entries that name the page at `position`.
    int positionAfter(int position) {
        int span = directory.length >> IndexPage.depth(firstOf(directory[position]));
        return (position & -span) + span;
    }

    /// Adds a record whose key is not there.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the keys are as before
    void insert(long hash, long ref) {
        changes++;
        if (iterations != 0) {
            throw new IllegalStateException(
                    "cannot add a key to a table while it is being iterated: collect the new keys"
                            + " and add them afterwards");
        }
        long entry = entry(hash);
        while (entry <= 0
                || IndexPage.count(entry) >= IndexPage.COUNT_MAX
                || !IndexPage.insert(entry, hash, ref)) {
            if (entry == 0) {
                addFirstPage();
            } else if (entry < 0 || !canSplit(entry)) {
                insertChained(hash, ref);
                break;
            } else {
                split(hash);
            }
            entry = entry(hash);
        }
        size++;
    }

    /// Removes the slot at an address that a search returned.
    void remove(long slotAddress) {
        changes++;
        if (iterations != 0) {
            checkVisited(slotAddress);
        }
        long page = IndexPage.pageOf(slotAddress);
        long hash = getLong(slotAddress) & IndexPage.TAG_MASK;
        IndexPage.removeAt(page, (int) (slotAddress - page), heap);
        size--;
        if ((IndexPage.count(page) & 63) == 0 && iterations == 0) {
            shrink(hash);
        }
    }

    /// Throws if the table was closed. Asked only when there are no pages, which a closed table has
    /// not.
    void checkOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "this table was closed and its pages were given back: open another one");
        }
    }

    /// Gives all pages back for good; false if that was done before.
    boolean close() {
        changes++;
        if (closed) {
            return false;
        }
        clear();
        closed = true;
        return true;
    }

    void clear() {
        changes++;
        checkOpen();
        checkNotIterated();
        for (int position = 0; position < directory.length && directory[position] != 0; ) {
            int after = positionAfter(position);
            long page = firstOf(directory[position]);
            while (page != 0) {
                long next = IndexPage.next(page);
                source.release(page);
                page = next;
            }
            position = after;
        }
        directory = new long[2];
        shift = 63;
        pageCount = 0;
        pagesOfFullDepth = 0;
        size = 0;
    }

    private void checkNotIterated() {
        if (iterations != 0) {
            throw new IllegalStateException(
                    "cannot clear or close a table while it is being iterated: do it when the"
                            + " iteration has ended");
        }
    }

    /// From here to [#endIteration] only the slot last passed to [#visiting] may be removed, and
    /// pages stay where they are.
    void beginIteration() {
        iterations++;
        visitedSlot = 0;
    }

    void visiting(long slotAddress) {
        visitedSlot = slotAddress;
    }

    void endIteration() {
        visitedSlot = 0;
        if (--iterations == 0) {
            int position = 0;
            while (position < directory.length && directory[position] != 0) {
                long hash = (long) position << shift;
                shrink(hash);
                position = positionAfter((int) (hash >>> shift));
            }
        }
    }

    private void checkVisited(long slotAddress) {
        if (iterations > 1 || slotAddress != visitedSlot) {
            throw new IllegalStateException(
                    "cannot remove a key from a table while another one is visited: remove the"
                            + " visited key, or collect the keys and remove them afterwards");
        }
        visitedSlot = 0;
    }

    private int depth() {
        return 64 - shift;
    }

    private long newPage(int pageDepth) {
        long page = source.allocate();
        IndexPage.format(page, pageDepth);
        pageCount++;
        return page;
    }

    private void releasePage(long page) {
        source.release(page);
        pageCount--;
    }

    private void addFirstPage() {
        Arrays.fill(directory, newPage(0));
    }

    private boolean canSplit(long page) {
        return IndexPage.depth(page) < depth()
                || depth() < DEPTH_MAX
                        && directory.length
                                < Math.max(64, DIRECTORY_ENTRIES_PER_PAGE_MAX * pageCount);
    }

    private void split(long hash) {
        long page = entry(hash);
        int newDepth = IndexPage.depth(page) + 1;
        long added = newPage(newDepth);
        if (newDepth > depth()) {
            doubleDirectory();
        }
        IndexPage.split(page, added, 1L << (64 - newDepth), heap);
        IndexPage.setDepth(page, newDepth);
        int half = directory.length >> newDepth;
        int upper = ((int) (hash >>> (64 - newDepth)) | 1) * half;
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

    private void insertChained(long hash, long ref) {
        long first = firstOf(entry(hash));
        long page = first;
        while (page != 0) {
            if (IndexPage.count(page) < IndexPage.COUNT_MAX && IndexPage.insert(page, hash, ref)) {
                return;
            }
            page = IndexPage.next(page);
        }
        long added = newPage(IndexPage.depth(first));
        IndexPage.insert(added, hash, ref);
        IndexPage.setNext(added, IndexPage.next(first));
        IndexPage.setNext(first, added);
        setEntries(hash, first | CHAINED);
    }

    /// Lets all directory entries of the page of a hash be `entry`.
    private void setEntries(long hash, long entry) {
        int span = directory.length >> IndexPage.depth(firstOf(entry));
        int from = (int) (hash >>> shift) & -span;
        Arrays.fill(directory, from, from + span, entry);
    }

    /// Gives pages back that the removal of a key with this hash may have made superfluous.
    private void shrink(long hash) {
        long entry = entry(hash);
        if (entry < 0) {
            dropEmptyOfChain(hash);
        }
        while (entry(hash) > 0 && mergeWithBuddy(hash)) {
            halveDirectory();
        }
    }

    private void dropEmptyOfChain(long hash) {
        long first = firstOf(entry(hash));
        long before = first;
        for (long page = IndexPage.next(first); page != 0; page = IndexPage.next(before)) {
            if (IndexPage.count(page) == 0) {
                IndexPage.setNext(before, IndexPage.next(page));
                releasePage(page);
            } else {
                before = page;
            }
        }
        if (IndexPage.next(first) == 0) {
            setEntries(hash, first);
        }
    }

    private boolean mergeWithBuddy(long hash) {
        long page = entry(hash);
        int pageDepth = IndexPage.depth(page);
        if (pageDepth == 0) {
            return false;
        }
        long bit = 1L << (64 - pageDepth);
        long buddy = entry(hash ^ bit);
        if (buddy < 0
                || IndexPage.depth(buddy) != pageDepth
                || IndexPage.count(page) + IndexPage.count(buddy) > MERGED_COUNT_MAX) {
            return false;
        }
        long lower = (hash & bit) == 0 ? page : buddy;
        long upper = (hash & bit) == 0 ? buddy : page;
        if (!IndexPage.merge(lower, upper, bit, heap)) {
            return false;
        }
        if (pageDepth == depth()) {
            pagesOfFullDepth -= 2;
        }
        IndexPage.setDepth(lower, pageDepth - 1);
        setEntries(hash, lower);
        releasePage(upper);
        return true;
    }

    private void halveDirectory() {
        while (pagesOfFullDepth == 0 && directory.length > 2) {
            long[] halved = new long[directory.length / 2];
            for (int i = 0; i < halved.length; i++) {
                halved[i] = directory[i * 2];
            }
            directory = halved;
            shift++;
            int full = 0;
            for (long entry : directory) {
                full += IndexPage.depth(firstOf(entry)) == depth() ? 1 : 0;
            }
            pagesOfFullDepth = full;
        }
    }
}
