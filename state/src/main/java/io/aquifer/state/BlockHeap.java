package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import java.util.Arrays;

/// Blocks of [SizeClasses] on the pages of a [PageSource], named by references that survive a move
/// of the page.
///
/// ```
///  39              12 11          0        a free block
/// +------------------+-------------+      +--------+----------+-----------+-----------------+
/// | page number >= 1 | offset / 8  |      | 0      | class 16 | next ref  | previous ref    |
/// +------------------+-------------+      +--------+----------+-----------+-----------------+
///  a reference; 0 is none                  a long: class << 40 | next      a long
/// ```
///
/// A block is taken from the free list of its class, else from the fresh end of the newest page,
/// else cut from a larger free block, else from a new page. A page whose last block is freed goes
/// back to the source. No block crosses a page.
///
/// **Invariant:** the blocks in use and the free blocks of a page, and the fresh end of the newest
/// page, cover the page but for its last 8 bytes at most.
final class BlockHeap {
    static final int REF_BITS = 40;
    static final long REF_MASK = (1L << REF_BITS) - 1;

    private static final int OFFSET_BITS = 12;
    private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
    private static final int PAGES_MAX = 1 << (REF_BITS - OFFSET_BITS);
    private static final int PAGE_BYTES = PageSource.PAGE_BYTES;

    private final PageSource source;
    private final long[] freeHeads = new long[SizeClasses.COUNT];
    private final long[] freeClasses = new long[(SizeClasses.COUNT + 63) / 64];

    /// By page number; the entry of a number that is not in use is the next such number, negated.
    private long[] pageAddresses = new long[8];

    private int[] liveBytes = new int[8];
    private int nextPageNumber = 1;
    private int freePageNumber;
    private int pageCount;

    /// The newest page and how much of it was handed out; number 0 when there is none.
    private int freshPage;

    private int freshOffset = PAGE_BYTES;

    BlockHeap(PageSource source) {
        this.source = source;
    }

    /// Where a block lies now; valid until the block is freed.
    long address(long ref) {
        return pageAddresses[(int) (ref >>> OFFSET_BITS)] + ((ref & OFFSET_MASK) << 3);
    }

    /// All references lie on pages of numbers below this one.
    int pageNumberEnd() {
        return nextPageNumber;
    }

    /// Where the page of a number begins, if it is in use.
    long pageAddress(int number) {
        return pageAddresses[number];
    }

    int pageCount() {
        return pageCount;
    }

    /// What the block heap itself occupies on the Java heap, in bytes.
    long heapBytes() {
        return 12L * pageAddresses.length + 8L * freeHeads.length + 8L * freeClasses.length + 160;
    }

    /// Takes a block of at least `bytes`, at most [SizeClasses#LARGEST], with undefined contents.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if it needs a page and there is none;
    ///   nothing was changed
    long allocate(int bytes) {
        int sizeClass = SizeClasses.holding(bytes);
        int size = SizeClasses.bytes(sizeClass);
        long ref = freeHeads[sizeClass];
        if (ref != 0) {
            unlink(ref, sizeClass);
        } else {
            ref =
                    freshOffset + size <= PAGE_BYTES
                            ? takeFresh(size)
                            : allocateSlowly(sizeClass, size);
        }
        liveBytes[(int) (ref >>> OFFSET_BITS)] += size;
        return ref;
    }

    /// Gives a block back that was allocated with the same `bytes`.
    void free(long ref, int bytes) {
        int sizeClass = SizeClasses.holding(bytes);
        int page = (int) (ref >>> OFFSET_BITS);
        link(ref, sizeClass);
        int live = liveBytes[page] - SizeClasses.bytes(sizeClass);
        liveBytes[page] = live;
        if (live == 0) {
            reclaim(page);
        }
    }

    /// Gives all pages back; every reference is void.
    void clear() {
        for (int page = 1; page < nextPageNumber; page++) {
            if (pageAddresses[page] > 0) {
                source.release(pageAddresses[page]);
            }
        }
        Arrays.fill(freeHeads, 0);
        Arrays.fill(freeClasses, 0);
        pageAddresses = new long[8];
        liveBytes = new int[8];
        nextPageNumber = 1;
        freePageNumber = 0;
        pageCount = 0;
        freshPage = 0;
        freshOffset = PAGE_BYTES;
    }

    private long takeFresh(int size) {
        long ref = (long) freshPage << OFFSET_BITS | freshOffset >>> 3;
        freshOffset += size;
        return ref;
    }

    private long allocateSlowly(int sizeClass, int size) {
        int larger = largerFreeClass(sizeClass, size);
        if (larger >= 0) {
            long ref = freeHeads[larger];
            unlink(ref, larger);
            linkRange(ref + (size >>> 3), SizeClasses.bytes(larger) - size);
            return ref;
        }
        int page = addPage();
        retireFreshPage();
        freshPage = page;
        freshOffset = 0;
        return takeFresh(size);
    }

    /// A class with free blocks that can be cut to `size` without leaving 8 bytes, or -1.
    private int largerFreeClass(int sizeClass, int size) {
        for (int candidate = sizeClass + 1; candidate < SizeClasses.COUNT; candidate++) {
            long ahead = freeClasses[candidate >>> 6] >>> candidate;
            if (ahead == 0) {
                candidate |= 63;
            } else {
                candidate += Long.numberOfTrailingZeros(ahead);
                if (SizeClasses.bytes(candidate) - size != 8) {
                    return candidate;
                }
            }
        }
        return -1;
    }

    private int addPage() {
        int number = freePageNumber != 0 ? freePageNumber : nextPageNumber;
        if (number == pageAddresses.length) {
            if (number == PAGES_MAX) {
                throw new IllegalStateException(
                        "cannot add a page to a table: it has "
                                + PAGES_MAX
                                + " pages (8 TiB), the most that references can name. Raise the"
                                + " parallelism.");
            }
            pageAddresses = Arrays.copyOf(pageAddresses, number * 2);
            liveBytes = Arrays.copyOf(liveBytes, number * 2);
        }
        long address = source.allocate();
        if (number == freePageNumber) {
            freePageNumber = (int) -pageAddresses[number];
        } else {
            nextPageNumber++;
        }
        pageAddresses[number] = address;
        liveBytes[number] = 0;
        pageCount++;
        return number;
    }

    /// Turns what is left of the newest page into free blocks.
    private void retireFreshPage() {
        if (freshPage == 0) {
            return;
        }
        int page = freshPage;
        int offset = freshOffset;
        freshPage = 0;
        freshOffset = PAGE_BYTES;
        linkRange((long) page << OFFSET_BITS | offset >>> 3, PAGE_BYTES - offset);
        if (liveBytes[page] == 0) {
            reclaim(page);
        }
    }

    private void linkRange(long start, int length) {
        long ref = start;
        int room = length;
        while (room >= SizeClasses.SMALLEST) {
            int sizeClass = SizeClasses.fitting(room);
            link(ref, sizeClass);
            ref += SizeClasses.bytes(sizeClass) >>> 3;
            room -= SizeClasses.bytes(sizeClass);
        }
    }

    private void link(long ref, int sizeClass) {
        long next = freeHeads[sizeClass];
        long address = address(ref);
        putLong(address, (long) sizeClass << REF_BITS | next);
        putLong(address + 8, 0);
        if (next != 0) {
            putLong(address(next) + 8, ref);
        }
        freeHeads[sizeClass] = ref;
        freeClasses[sizeClass >>> 6] |= 1L << sizeClass;
    }

    private void unlink(long ref, int sizeClass) {
        long address = address(ref);
        long next = getLong(address) & REF_MASK;
        long previous = getLong(address + 8);
        if (next != 0) {
            putLong(address(next) + 8, previous);
        }
        if (previous != 0) {
            putLong(address(previous), (long) sizeClass << REF_BITS | next);
        } else {
            freeHeads[sizeClass] = next;
            if (next == 0) {
                freeClasses[sizeClass >>> 6] &= ~(1L << sizeClass);
            }
        }
    }

    /// Takes the free blocks of a page without blocks in use out of their lists and gives the page
    /// back, unless it is the newest, which starts afresh.
    private void reclaim(int page) {
        int end = page == freshPage ? freshOffset : PAGE_BYTES;
        int offset = 0;
        while (end - offset >= SizeClasses.SMALLEST) {
            long ref = (long) page << OFFSET_BITS | offset >>> 3;
            int sizeClass = (int) (getLong(address(ref)) >>> REF_BITS);
            unlink(ref, sizeClass);
            offset += SizeClasses.bytes(sizeClass);
        }
        if (page == freshPage) {
            freshOffset = 0;
        } else {
            source.release(pageAddresses[page]);
            pageAddresses[page] = -freePageNumber;
            freePageNumber = page;
            pageCount--;
        }
    }
}
