package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.ByteLease;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

/// Real pages of a memory manager of its own, with a switch that refuses the n-th request; and a
/// share of the heap.
final class TestPages implements PageSource, AutoCloseable {
    private final MemoryManager manager;
    private final MemoryScope scope;
    private final PageLease lease;
    private final MemoryManager emptyManager = managerOf(0, 1);
    private final MemoryScope emptyScope = emptyManager.openScope("state test");
    private final PageLease emptyLease = emptyScope.leasePages(emptyManager.managed(), "refused");
    private long allocationsUntilRefusal = Long.MAX_VALUE;
    private boolean refused;

    /// @param pages how many pages there are
    TestPages(long pages) {
        this(pages, 64L << 20);
    }

    /// @param heapBytes what may be charged for objects
    TestPages(long pages, long heapBytes) {
        manager = managerOf(pages * PAGE_BYTES, heapBytes);
        scope = manager.openScope("state test");
        lease = scope.leasePages(manager.managed(), "table");
    }

    private static MemoryManager managerOf(long managedBytes, long heapBytes) {
        return MemoryManager.create(
                new MemoryPlan(managedBytes + heapBytes, managedBytes, heapBytes, 0, 0, 0, 0));
    }

    /// An empty lease of the heap's share.
    ByteLease leaseHeap() {
        return scope.leaseBytes(manager.managedHeap(), "objects");
    }

    long heapHeld() {
        return manager.managedHeap().heldBytes();
    }

    /// Refuses the n-th request from now on, once.
    void refuse(long nth) {
        allocationsUntilRefusal = nth;
        refused = false;
    }

    boolean refused() {
        return refused;
    }

    void refuseNothing() {
        allocationsUntilRefusal = Long.MAX_VALUE;
    }

    PageLease lease() {
        return lease;
    }

    int held() {
        return (int) (manager.managed().heldBytes() / PAGE_BYTES);
    }

    @Override
    public long allocate() {
        if (--allocationsUntilRefusal == 0) {
            refused = true;
            return emptyLease.allocatePage();
        }
        return lease.allocatePage();
    }

    @Override
    public long tryAllocate() {
        if (--allocationsUntilRefusal == 0) {
            refused = true;
            return emptyLease.tryAllocatePage();
        }
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

    /// Asserts that nothing is held.
    @Override
    public void close() {
        assertThat(held()).as("pages held after the end").isZero();
        assertThat(heapHeld()).as("heap bytes held after the end").isZero();
        lease.close();
        scope.close();
        emptyLease.close();
        emptyScope.close();
        emptyManager.close();
        manager.close();
    }
}
