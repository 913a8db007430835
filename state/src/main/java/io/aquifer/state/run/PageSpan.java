package io.aquifer.state.run;

import io.aquifer.memory.kernel.PageAccess;

import java.util.Arrays;

/// Pages strung together to one range of bytes from 0 on; an access must not cross the end of a
/// page. On the heap it takes 8 bytes for each page.
///
/// **Threads.** Grown by one; what was written may be read by any to whom the span was handed over.
final class PageSpan {
    static final int PAGE_BYTES = RunPages.PAGE_BYTES;
    private static final int PAGE_SHIFT = 15;
    private static final int PAGE_MASK = PAGE_BYTES - 1;

    private final RunPages source;
    private long[] pages = new long[2];
    private int count;

    PageSpan(RunPages source) {
        this.source = source;
    }

    /// Takes the pages that `bytes` bytes need beyond those held.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room; what it had it keeps
    void reserve(long bytes) {
        while ((long) count << PAGE_SHIFT < bytes) {
            add(source.allocate());
        }
    }

    /// As [#reserve], without waiting; false if there is no room, and it has no page then.
    boolean tryReserve(long bytes) {
        while ((long) count << PAGE_SHIFT < bytes) {
            long page = source.tryAllocate();
            if (page == 0) {
                release();
                return false;
            }
            add(page);
        }
        return true;
    }

    private void add(long page) {
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, count * 2);
        }
        pages[count++] = page;
    }

    /// Where a byte lies; those after it follow up to the end of its page.
    long address(long position) {
        return pages[(int) (position >>> PAGE_SHIFT)] + (position & PAGE_MASK);
    }

    /// Sets every byte of every page to 0.
    void zero() {
        for (int i = 0; i < count; i++) {
            PageAccess.fill(pages[i], PAGE_BYTES, (byte) 0);
        }
    }

    /// Keeps only the pages that the first `bytes` bytes need.
    void truncate(long bytes) {
        while (count > 0 && (long) (count - 1) << PAGE_SHIFT >= bytes) {
            source.release(pages[--count]);
        }
    }

    long heldBytes() {
        return (long) count << PAGE_SHIFT;
    }

    void release() {
        truncate(0);
    }
}
