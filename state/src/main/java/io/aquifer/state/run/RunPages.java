package io.aquifer.state.run;

import io.aquifer.memory.PageLease;

/// Where the pages for fences and filters come from: a lease, or in tests one that refuses on
/// purpose. Called from whichever thread opens, merges or closes a run, several at a time.
public interface RunPages {
    int PAGE_BYTES = 32 * 1024;

    /// The address of a page with undefined contents.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is none; nothing was changed
    long allocate();

    /// As [#allocate], or 0 if there is none; never waits.
    long tryAllocate();

    void release(long address);

    /// Pages of a lease. The lease is not closed by this package.
    static RunPages of(PageLease lease) {
        return new RunPages() {
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
        };
    }
}
