package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.putInt;

import java.util.Arrays;

/// Blocks on the pages of a [PageSource], each page cut into blocks of one size.
///
/// ```
///  33             12 11          0
/// +-----------------+-------------+
/// | page number >= 1| offset / 8  |     a reference; 0 is none
/// +-----------------+-------------+
/// ```
///
/// Sizes are the multiples of 8 from 24 to 256 bytes, then four steps per doubling up to
/// [#LARGEST]. A block starts at a multiple of its size, so that blocks of 64 bytes and multiples
/// of them keep to cache lines. What is known of a page lies on the Java heap, 23 bytes per page,
/// so that freeing a block touches nothing but the block.
///
/// A page whose last block is freed goes back to the source; one such page is kept, for whatever
/// size comes next.
final class SlabPages {
    static final int REF_BITS = 34;
    static final long REF_MASK = (1L << REF_BITS) - 1;
    static final int LARGEST = 8192;

    private static final int OFFSET_BITS = 12;
    private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
    private static final int PAGES_MAX = 1 << (REF_BITS - OFFSET_BITS);
    private static final int PAGE_BYTES = PageSource.PAGE_BYTES;
    private static final int SMALLEST = 24;
    private static final int FINE_MAX = 256;
    private static final int FINE_COUNT = (FINE_MAX - SMALLEST) / 8 + 1;
    private static final int STEPS_SHIFT = 2;
    private static final int STEPS = 1 << STEPS_SHIFT;
    private static final int CLASS_COUNT = FINE_COUNT + 5 * STEPS;
    private static final char NONE = Character.MAX_VALUE;

    private final PageSource source;

    /// By size class, the first page with room, or 0. Such pages are linked both ways.
    private final int[] withRoom = new int[CLASS_COUNT];

    /// By page number; 0 where the number is free, and then `next` is the next free number.
    private long[] addresses = new long[8];

    private byte[] classes = new byte[8];

    /// How many blocks are in use.
    private char[] live = new char[8];

    /// The first block that was freed, by its offset / 8, which holds the next one.
    private char[] freed = new char[8];

    /// Where the part that was never handed out begins, by offset / 8.
    private char[] fresh = new char[8];

    private int[] next = new int[8];
    private int[] previous = new int[8];

    private int numberEnd = 1;
    private int freeNumber;
    private int pageCount;
    private long spare;

    SlabPages(PageSource source) {
        this.source = source;
    }

    /// Where a block lies now; valid until it is freed.
    long address(long ref) {
        return addresses[(int) (ref >>> OFFSET_BITS)] + ((ref & OFFSET_MASK) << 3);
    }

    int pageCount() {
        return pageCount;
    }

    long heapBytes() {
        return 23L * addresses.length + 4L * CLASS_COUNT + 256;
    }

    /// Takes a block of at least `bytes`, at most [#LARGEST], with undefined contents.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if it needs a page and there is none;
    ///   nothing was changed
    long allocate(int bytes) {
        int sizeClass = classOf(bytes);
        int page = withRoom[sizeClass];
        if (page == 0) {
            page = addPage(sizeClass);
        }
        int offset = freed[page];
        if (offset != NONE) {
            freed[page] = (char) getInt(addresses[page] + ((long) offset << 3));
        } else {
            offset = fresh[page];
            fresh[page] += (char) (bytesOf(sizeClass) >>> 3);
        }
        live[page]++;
        if (isFull(page)) {
            unlink(page);
        }
        return (long) page << OFFSET_BITS | offset;
    }

    /// Gives a block back that was allocated with the same `bytes`.
    void free(long ref, int bytes) {
        int page = (int) (ref >>> OFFSET_BITS);
        assert classOf(bytes) == classes[page] : "a block is freed as " + bytes + " bytes";
        if (isFull(page)) {
            link(page);
        }
        putInt(address(ref), freed[page]);
        freed[page] = (char) (ref & OFFSET_MASK);
        if (--live[page] == 0) {
            unlink(page);
            drop(page);
        }
    }

    /// Gives all pages back; every reference is void.
    void clear() {
        for (int page = 1; page < numberEnd; page++) {
            if (addresses[page] != 0) {
                source.release(addresses[page]);
            }
        }
        if (spare != 0) {
            source.release(spare);
            spare = 0;
        }
        Arrays.fill(withRoom, 0);
        numberEnd = 1;
        freeNumber = 0;
        pageCount = 0;
        resize(8);
        Arrays.fill(addresses, 0);
    }

    private static int classOf(int bytes) {
        if (bytes <= FINE_MAX) {
            return bytes <= SMALLEST ? 0 : (bytes - SMALLEST + 7) >>> 3;
        }
        int doubling = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(bytes - 1) - 8;
        int step = (bytes - 1) >>> (doubling + 8 - STEPS_SHIFT) & (STEPS - 1);
        return FINE_COUNT + doubling * STEPS + step;
    }

    private static int bytesOf(int sizeClass) {
        if (sizeClass < FINE_COUNT) {
            return SMALLEST + (sizeClass << 3);
        }
        int coarse = sizeClass - FINE_COUNT;
        int doubling = coarse >>> STEPS_SHIFT;
        int step = coarse & (STEPS - 1);
        return (FINE_MAX << doubling) + (step + 1) * (FINE_MAX / STEPS << doubling);
    }

    private boolean isFull(int page) {
        return freed[page] == NONE && (fresh[page] << 3) + bytesOf(classes[page]) > PAGE_BYTES;
    }

    private int addPage(int sizeClass) {
        int number = freeNumber != 0 ? freeNumber : numberEnd;
        if (number == addresses.length) {
            if (number == PAGES_MAX) {
                throw new IllegalStateException(
                        "cannot add a page to a table of timers: it has "
                                + PAGES_MAX
                                + " pages (128 GiB), the most that references can name. Raise the"
                                + " parallelism.");
            }
            resize(number * 2);
        }
        long address = spare;
        if (address != 0) {
            spare = 0;
        } else {
            address = source.allocate();
            pageCount++;
        }
        if (number == freeNumber) {
            freeNumber = next[number];
        } else {
            numberEnd++;
        }
        addresses[number] = address;
        classes[number] = (byte) sizeClass;
        live[number] = 0;
        freed[number] = NONE;
        fresh[number] = 0;
        link(number);
        return number;
    }

    private void drop(int page) {
        if (spare == 0) {
            spare = addresses[page];
        } else {
            source.release(addresses[page]);
            pageCount--;
        }
        addresses[page] = 0;
        next[page] = freeNumber;
        freeNumber = page;
    }

    private void resize(int length) {
        addresses = Arrays.copyOf(addresses, length);
        classes = Arrays.copyOf(classes, length);
        live = Arrays.copyOf(live, length);
        freed = Arrays.copyOf(freed, length);
        fresh = Arrays.copyOf(fresh, length);
        next = Arrays.copyOf(next, length);
        previous = Arrays.copyOf(previous, length);
    }

    private void link(int page) {
        int first = withRoom[classes[page]];
        next[page] = first;
        previous[page] = 0;
        if (first != 0) {
            previous[first] = page;
        }
        withRoom[classes[page]] = page;
    }

    private void unlink(int page) {
        int before = previous[page];
        int after = next[page];
        if (before != 0) {
            next[before] = after;
        } else {
            withRoom[classes[page]] = after;
        }
        if (after != 0) {
            previous[after] = before;
        }
    }
}
