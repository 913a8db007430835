package io.aquifer.benchmarks.memory;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Reclaimer;
import io.aquifer.memory.Rung;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// A task that always wants more: requests of heavy-tailed size, each held for a while after it was
/// granted in full, and the next one at once. What it holds can be taken from it without IO.
///
/// **Threads.** A thread of its own; [#heldPages] may be read by any, the rest after [#close].
final class GreedyTask implements Reclaimer, AutoCloseable {
    private static final double MEAN_HOLD_NANOS = 10e6;
    private static final long RETRY_NANOS = 100_000;

    private final MemoryScope scope;
    private final PageLease lease;
    private final SplittableRandom random;
    private final int mostPages;
    private final long endNanos;
    private final Worker worker;
    private final ArrayDeque<Grant> grants = new ArrayDeque<>();
    private volatile int held;
    private volatile int reclaimable;
    private long longestWaitNanos;
    private long granted;
    private long refusals;
    private String refusal = "";

    private GreedyTask(MemoryManager manager, long seed, int mostPages, long endNanos) {
        this.scope = manager.openScope("greedy");
        this.lease = scope.leasePages(manager.managed(), "pages");
        this.random = new SplittableRandom(seed);
        this.mostPages = mostPages;
        this.endNanos = endNanos;
        this.worker = Worker.start("greedy", this::work);
    }

    /// @param mostPages the largest request
    /// @param endNanos the [System#nanoTime] at which it ends
    static GreedyTask start(MemoryManager manager, long seed, int mostPages, long endNanos) {
        return new GreedyTask(manager, seed, mostPages, endNanos);
    }

    /// A request's size: Pareto with a shape of 1.1, so that few requests want most of the pages.
    ///
    /// @param uniform from 0 to 1, without 1
    static int requestPages(double uniform, int mostPages) {
        return (int) Math.min(mostPages, Math.pow(1 - uniform, -1 / 1.1));
    }

    int heldPages() {
        return held;
    }

    /// From the first try of a request until it was granted in full, or until the end.
    long longestWaitNanos() {
        return longestWaitNanos;
    }

    long granted() {
        return granted;
    }

    /// The text of the last refusal, empty if there was none.
    String refusal() {
        return refusal;
    }

    long refusals() {
        return refusals;
    }

    @Override
    public Rung rung() {
        return Rung.CLEAN_CACHE;
    }

    @Override
    public long reclaimableBytes() {
        return (long) reclaimable * Budgets.PAGE_BYTES;
    }

    @Override
    public void reclaim(long bytes) {
        for (long freed = 0; freed < bytes && !grants.isEmpty(); ) {
            freed += (long) release(grants.remove()) * Budgets.PAGE_BYTES;
        }
    }

    @Override
    public void close() {
        worker.end();
        scope.closeAndReport();
    }

    private void work() throws Exception {
        try (MemoryScope.Entry _ = scope.enter();
                MemoryScope.Registration _ = scope.register(this)) {
            while (System.nanoTime() < endNanos) {
                request(new long[requestPages(random.nextDouble(), mostPages)]);
            }
        }
    }

    private void request(long[] pages) {
        long start = System.nanoTime();
        int taken = 0;
        while (taken < pages.length && System.nanoTime() < endNanos) {
            scope.serveReclaims();
            dropExpired();
            try {
                // All or none: tasks that keep half of a request while they wait for the rest only
                // wait for each other.
                long[] granted = lease.allocatePages(pages.length);
                System.arraycopy(granted, 0, pages, 0, granted.length);
                taken = granted.length;
                held += taken;
            } catch (MemoryExhaustedException refused) {
                refusals++;
                refusal = String.valueOf(refused.getMessage());
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        long now = System.nanoTime();
        longestWaitNanos = Math.max(longestWaitNanos, now - start);
        granted += taken == pages.length ? 1 : 0;
        long hold = (long) (-Math.log(1 - random.nextDouble()) * MEAN_HOLD_NANOS);
        grants.add(new Grant(now + hold, pages, taken));
        reclaimable += taken;
    }

    private void dropExpired() {
        long now = System.nanoTime();
        grants.removeIf(grant -> grant.expires() - now <= 0 && release(grant) >= 0);
    }

    private int release(Grant grant) {
        for (int i = 0; i < grant.taken(); i++) {
            lease.releasePage(grant.pages()[i]);
        }
        held -= grant.taken();
        reclaimable -= grant.taken();
        return grant.taken();
    }

    private record Grant(long expires, long[] pages, int taken) {}
}
