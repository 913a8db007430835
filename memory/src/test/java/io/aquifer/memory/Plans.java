package io.aquifer.memory;

/// Budgets for tests, counted in pages.
final class Plans {
    static final long PAGE = MemoryManager.PAGE_SIZE_BYTES;

    private Plans() {}

    /// A budget with as many pages of each kind; heap shares are counted in pages too.
    static MemoryPlan ofPages(
            long managed,
            long managedHeap,
            long operation,
            long network,
            long networkMin,
            long reserve) {
        return new MemoryPlan(
                (managed + managedHeap + operation + network + reserve) * PAGE,
                managed * PAGE,
                managedHeap * PAGE,
                operation * PAGE,
                network * PAGE,
                networkMin * PAGE,
                reserve * PAGE);
    }

    /// Managed memory alone, which can grow nowhere.
    static MemoryPlan managedOnly(long pages) {
        return ofPages(pages, 0, 0, 0, 0, 0);
    }
}
