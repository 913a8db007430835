package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

import java.util.Arrays;

/// Pages of a [PageSource] strung together to one range of bytes from 0 on, whose contents may
/// cross the ends of pages. Its directory takes 8 bytes of the Java heap per page.
///
/// **Invariant:** positions below `pageCount() * 32 KiB` have an address; callers stay below.
final class LinearPages {
    static final int PAGE_BYTES = PageSource.PAGE_BYTES;
    private static final int PAGE_SHIFT = 15;
    private static final int PAGE_MASK = PAGE_BYTES - 1;
    private static final int LEAST_PAGES = 4;

    /// The most pages, 32 TiB.
    private static final int PAGES_MAX = 1 << 30;

    private final PageSource source;
    private long[] pages = new long[LEAST_PAGES];
    private int count;

    LinearPages(PageSource source) {
        this.source = source;
    }

    int pageCount() {
        return count;
    }

    long heapBytes() {
        return 8L * pages.length + 48;
    }

    /// Takes the pages that `bytes` bytes need beyond those held, all or none.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room; nothing was changed
    void reserve(long bytes) {
        grow(bytes, true);
    }

    /// As [#reserve]; false, with nothing changed, if there is no room. Never waits.
    boolean tryReserve(long bytes) {
        return grow(bytes, false);
    }

    private boolean grow(long bytes, boolean orThrow) {
        int wanted = pagesFor(bytes);
        if (wanted <= count) {
            return true;
        }
        int before = count;
        try {
            while (count < wanted) {
                if (count == pages.length) {
                    pages = Arrays.copyOf(pages, count * 2);
                }
                long page = orThrow ? source.allocate() : source.tryAllocate();
                if (page == 0) {
                    return false;
                }
                pages[count++] = page;
            }
            return true;
        } finally {
            if (count < wanted) {
                truncate(before);
            }
        }
    }

    private static int pagesFor(long bytes) {
        long wanted = (bytes + PAGE_MASK) >>> PAGE_SHIFT;
        if (wanted > PAGES_MAX) {
            throw new IllegalStateException(
                    "cannot hold "
                            + bytes
                            + " bytes in one structure: "
                            + PAGES_MAX
                            + " pages (32 TiB) are the most. Raise the parallelism.");
        }
        return (int) wanted;
    }

    /// Gives pages back until `kept` are left.
    void truncate(int kept) {
        while (count > kept) {
            source.release(pages[--count]);
        }
        if (count == 0) {
            pages = new long[LEAST_PAGES];
        }
    }

    /// Where a byte lies; the next bytes follow it up to the end of its page.
    long address(long position) {
        return pages[(int) (position >>> PAGE_SHIFT)] + (position & PAGE_MASK);
    }

    /// @param position a multiple of 8
    long longAt(long position) {
        return getLong(address(position));
    }

    /// @param position a multiple of 8
    void setLong(long position, long value) {
        putLong(address(position), value);
    }

    int byteAt(long position) {
        return PageAccess.getByte(address(position)) & 0xFF;
    }

    void write(long position, byte[] from, int offset, int length) {
        for (int done = 0; done < length; ) {
            int part = partOf(position + done, length - done);
            PageAccess.copy(from, offset + done, address(position + done), part);
            done += part;
        }
    }

    void read(long position, byte[] to, int offset, int length) {
        for (int done = 0; done < length; ) {
            int part = partOf(position + done, length - done);
            PageAccess.copy(address(position + done), to, offset + done, part);
            done += part;
        }
    }

    private static int partOf(long position, int wanted) {
        return Math.min(wanted, PAGE_BYTES - (int) (position & PAGE_MASK));
    }

    /// Sets every byte of every page to 0.
    void zero() {
        for (int page = 0; page < count; page++) {
            PageAccess.fill(pages[page], PAGE_BYTES, (byte) 0);
        }
    }
}
