package io.aquifer.state;

import io.aquifer.memory.PageLease;

/// Where the pages of one table come from: a lease, or in tests a lease that refuses on purpose.
///
/// Called only when a table grows or shrinks by a page, from the table's thread. Where [#allocate]
/// waits for memory, other structures of the same thread may be asked to give pages back.
interface PageSource {
    int PAGE_BYTES = 32 * 1024;

    /// The address of a page with undefined contents.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is none; nothing was changed
    long allocate();

    /// As [#allocate], or 0 if there is none; never waits.
    long tryAllocate();

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
            public long tryAllocate() {
                return lease.tryAllocatePage();
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
