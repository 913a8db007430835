package io.aquifer.memory;

import io.aquifer.memory.space.AddressSpaceException;
import io.aquifer.memory.space.PageSpace;

import java.util.BitSet;

/// Pages that cost nothing to commit, since all are committed once for all simulated ledgers. Their
/// contents are of no interest.
///
/// **Threads.** One.
final class NumberedPages implements PageSpace {
    private static final int PAGES_MAX = 256;
    private static final PageSpace PAGES = committed();

    private final int pageCount;
    private final BitSet resident = new BitSet();

    NumberedPages(int pageCount) {
        if (pageCount > PAGES_MAX) {
            throw new IllegalArgumentException(pageCount + " pages, at most " + PAGES_MAX);
        }
        this.pageCount = pageCount;
    }

    private static PageSpace committed() {
        try {
            PageSpace space = PageSpace.reserve(PAGES_MAX);
            for (int page = 0; page < PAGES_MAX; page++) {
                space.commit(page);
            }
            return space;
        } catch (AddressSpaceException refused) {
            throw new IllegalStateException(refused);
        }
    }

    @Override
    public int pageCount() {
        return pageCount;
    }

    @Override
    public long address(int page) {
        return PAGES.address(page);
    }

    @Override
    public int pageAt(long address) {
        int page = PAGES.pageAt(address);
        return page < pageCount ? page : -1;
    }

    @Override
    public void commit(int page) {
        resident.set(page);
    }

    @Override
    public void decommit(int[] pages, int from, int to) {
        for (int i = from; i < to; i++) {
            resident.clear(pages[i]);
        }
    }

    @Override
    public long residentBytes() {
        return (long) resident.cardinality() * PAGE_BYTES;
    }

    @Override
    public void close(boolean reusable) {}
}
