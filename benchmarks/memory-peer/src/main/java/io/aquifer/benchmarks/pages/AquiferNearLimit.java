package io.aquifer.benchmarks.pages;

import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// As [AquiferPages], while another task holds 95 % of the limit.
public class AquiferNearLimit extends AquiferPages {
    @Setup(Level.Trial)
    public void fill(Neighbour neighbour) {
        if (neighbour.lease.pageCount() == 0) {
            throw new IllegalStateException("the neighbour holds nothing");
        }
    }

    /// Who holds the 95 %. Its pages are never touched, so they take no memory.
    @State(Scope.Benchmark)
    public static class Neighbour {
        @SuppressWarnings("NullAway.Init") // set by hold, which JMH calls first
        private MemoryScope scope;

        @SuppressWarnings("NullAway.Init") // set by hold, which JMH calls first
        PageLease lease;

        @Setup(Level.Trial)
        public void hold(Budget budget) {
            scope = budget.manager.openScope("neighbour");
            lease = scope.leasePages(budget.manager.managed(), "pages");
            for (long held = 0; held < Budget.BYTES / 100 * 95; held += Pattern.PAGE_BYTES) {
                lease.allocatePage();
            }
        }
    }
}
