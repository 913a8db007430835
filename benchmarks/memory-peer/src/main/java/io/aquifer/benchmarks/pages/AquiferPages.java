package io.aquifer.benchmarks.pages;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Aquifer: one scope and one lease a thread, as tasks have, from managed memory that is large
/// enough.
public class AquiferPages extends AddressPatterns {
    @SuppressWarnings("NullAway.Init") // set by open, which JMH calls first
    private MemoryScope scope;

    @SuppressWarnings("NullAway.Init") // set by open, which JMH calls first
    private PageLease lease;

    @Setup(Level.Trial)
    public void open(Budget budget) {
        scope = budget.manager.openScope("pages");
        lease = scope.leasePages(budget.manager.managed(), "pages");
    }

    @Override
    long acquire() {
        return lease.allocatePage();
    }

    @Override
    void release(long page) {
        lease.releasePage(page);
    }

    @Override
    void close() {
        lease.close();
        scope.close();
    }

    /// 1 GiB of managed memory.
    @State(Scope.Benchmark)
    public static class Budget {
        static final long BYTES = 1L << 30;

        @SuppressWarnings("NullAway.Init") // set by create, which JMH calls first
        MemoryManager manager;

        @Setup(Level.Trial)
        public void create() {
            manager = MemoryManager.create(new MemoryPlan(BYTES, BYTES, 0, 0, 0, 0, 0));
        }
    }
}
