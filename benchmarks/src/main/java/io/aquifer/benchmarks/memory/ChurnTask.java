package io.aquifer.benchmarks.memory;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import java.util.SplittableRandom;
import java.util.concurrent.locks.Lock;

/// A task that replaces its pages at random while the number it wants to hold wanders between none
/// and its share of the budget.
///
/// **Threads.** A thread of its own; [#acquiredPages] and [#isWorking] may be read by any. When it
/// has acquired what it should, it keeps its last live set until [#close].
final class ChurnTask implements AutoCloseable {
    private static final int STEPS_PER_LOCK = 64;
    private static final int STEPS_PER_WISH = 2048;

    private final MemoryScope scope;
    private final PageLease lease;
    private final Lock lock;
    private final SplittableRandom random;
    private final long[] live;
    private final long goal;
    private final Worker worker;
    private int count;
    private int wanted;
    private volatile long acquired;

    private ChurnTask(MemoryManager manager, Lock lock, long seed, int mostLive, long goal) {
        this.scope = manager.openScope("churn");
        this.lease = scope.leasePages(manager.managed(), "pages");
        this.lock = lock;
        this.random = new SplittableRandom(seed);
        this.live = new long[mostLive];
        this.goal = goal;
        this.worker = Worker.start("churn", this::work);
    }

    /// @param lock held while it works, so that others can make it stand still
    /// @param mostLive the most pages it holds
    /// @param goal how many pages it acquires in all
    static ChurnTask start(MemoryManager manager, Lock lock, long seed, int mostLive, long goal) {
        return new ChurnTask(manager, lock, seed, mostLive, goal);
    }

    long acquiredPages() {
        return acquired;
    }

    boolean isWorking() {
        return worker.isAlive();
    }

    /// Waits for its end, but not long.
    void await(long millis) throws InterruptedException {
        worker.await(millis);
    }

    /// @throws IllegalStateException if it did not do its work, as after a refusal
    @Override
    public void close() {
        worker.end();
        scope.closeAndReport();
    }

    private void work() {
        while (acquired < goal) {
            lock.lock();
            try {
                long now = acquired;
                for (int i = 0; i < STEPS_PER_LOCK; i++) {
                    now += step();
                }
                acquired = now;
            } finally {
                lock.unlock();
            }
        }
    }

    /// How many pages it acquired: 0 or 1.
    private int step() {
        if (random.nextInt(STEPS_PER_WISH) == 0) {
            wanted = random.nextInt(live.length + 1);
        }
        if (count > wanted) {
            drop();
            return 0;
        }
        if (count == wanted) {
            if (count == 0) {
                wanted = 1;
            } else {
                drop();
            }
        }
        long page = lease.allocatePage();
        Touch.write(page);
        live[count++] = page;
        return 1;
    }

    private void drop() {
        int index = random.nextInt(count);
        lease.releasePage(live[index]);
        live[index] = live[--count];
    }
}
