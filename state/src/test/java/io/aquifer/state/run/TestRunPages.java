package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import java.util.concurrent.atomic.AtomicLong;

/// Real pages of a memory manager of its own, with a switch that refuses the n-th request.
final class TestRunPages implements RunPages, AutoCloseable {
    private final MemoryManager manager;
    private final MemoryScope scope;
    private final PageLease lease;
    private final MemoryManager emptyManager = managerOf(0);
    private final MemoryScope emptyScope = emptyManager.openScope("run test");
    private final PageLease emptyLease = emptyScope.leasePages(emptyManager.managed(), "refused");
    private final AtomicLong untilRefusal = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean refused;

    TestRunPages() {
        this(4096);
    }

    /// @param pages how many there are
    TestRunPages(long pages) {
        manager = managerOf(pages * PAGE_BYTES);
        scope = manager.openScope("run test");
        lease = scope.leasePages(manager.managed(), "runs");
    }

    private static MemoryManager managerOf(long managedBytes) {
        long heap = 1L << 20;
        return MemoryManager.create(
                new MemoryPlan(managedBytes + heap, managedBytes, 0, heap, 0, 0, 0));
    }

    /// Refuses the n-th request from now on, once.
    void refuse(long nth) {
        refused = false;
        untilRefusal.set(nth);
    }

    boolean refused() {
        return refused;
    }

    void refuseNothing() {
        untilRefusal.set(Long.MAX_VALUE);
    }

    private PageLease next() {
        if (untilRefusal.decrementAndGet() == 0) {
            refused = true;
            return emptyLease;
        }
        return lease;
    }

    @Override
    public long allocate() {
        return next().allocatePage();
    }

    @Override
    public long tryAllocate() {
        return next().tryAllocatePage();
    }

    @Override
    public void release(long address) {
        lease.releasePage(address);
    }

    int held() {
        return lease.pageCount();
    }

    /// Asserts that nothing is held.
    @Override
    public void close() {
        assertThat(held()).as("pages held after the end").isZero();
        lease.close();
        scope.close();
        emptyLease.close();
        emptyScope.close();
        emptyManager.close();
        manager.close();
    }
}
