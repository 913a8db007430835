package io.aquifer.state;

import io.aquifer.memory.PageLease;

/// Where the pages of one table come from: a lease, or in tests a lease that refuses on purpose.
///
/// Called only when a table grows or shrinks by a page, from the table's thread.
interface PageSource {
    int PAGE_BYTES = 32 * 1024;

    /// The address of a page with undefined contents.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is none; nothing was changed
    long allocate();

    void release(long address);

    /// Ends the lease; the pages were released before.
    void end();

    static PageSource of(PageLease lease) {
        return new PageSource() {
            @Override
            public long allocate() {
                return lease.allocatePage();
            }

            @Override
            public void release(long address) {
                lease.releasePage(address);
            }

            @Override
            public void end() {
                lease.close();
            }
        };
    }
}
