package io.aquifer.memory;

import io.aquifer.memory.space.PageSpace;

/// Pages that are only numbers, so that a ledger costs nothing but itself. They cannot be wiped, so
/// all scopes must be of one job.
final class NumberedSpace implements PageSpace {
    private final int pageCount;

    NumberedSpace(int pageCount) {
        this.pageCount = pageCount;
    }

    /// A ledger whose managed memory is so many pages.
    static Ledger ledger(int pages) {
        long bytes = (long) pages * PAGE_BYTES;
        return new Ledger(
                new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0),
                new NumberedSpace(pages),
                MemoryOptions.DEFAULTS.withoutPurging());
    }

    @Override
    public int pageCount() {
        return pageCount;
    }

    @Override
    public long address(int page) {
        return (page + 1L) * PAGE_BYTES;
    }

    @Override
    public int pageAt(long address) {
        return (int) (address / PAGE_BYTES) - 1;
    }

    @Override
    public void commit(int page) {}

    @Override
    public void decommit(int[] pages, int from, int to) {}

    @Override
    public long residentBytes() {
        return 0;
    }

    @Override
    public void close(boolean reusable) {}
}
