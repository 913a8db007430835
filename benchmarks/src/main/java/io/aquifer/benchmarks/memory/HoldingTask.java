package io.aquifer.benchmarks.memory;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Reclaimer;
import io.aquifer.memory.Rung;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;

/// A task that takes all of managed memory and then does nothing but serve reclaims, as an engine's
/// task does between two records.
///
/// Depending on its rung it gives pages back as they are, or after it has written them to a
/// [SpillFile].
///
/// **Threads.** The task is a thread of its own; [#reclaims] and [#reclaimableBytes] may be read by
/// any.
final class HoldingTask implements Reclaimer, AutoCloseable {
    private final MemoryManager manager;
    private final MemoryScope scope;
    private final Rung rung;
    private final @Nullable SpillFile file;
    private final Worker worker;
    private final CountDownLatch holdsAll = new CountDownLatch(1);
    private final PageLease lease;
    private long[] pages = new long[0];

    private volatile int held;
    private volatile long reclaims;
    private volatile boolean ended;

    private HoldingTask(MemoryManager manager, Rung rung, @Nullable SpillFile file) {
        this.manager = manager;
        this.rung = rung;
        this.file = file;
        this.scope = manager.openScope("holder");
        this.lease = scope.leasePages(manager.managed(), "pages");
        this.worker = Worker.start("holder", this::run);
    }

    /// Starts a task and returns when it holds everything.
    ///
    /// @param file where pages go on the rung [Rung#SPILL], else null
    static HoldingTask start(MemoryManager manager, Rung rung, @Nullable SpillFile file)
            throws InterruptedException {
        HoldingTask task = new HoldingTask(manager, rung, file);
        task.holdsAll.await();
        return task;
    }

    /// How often it was asked for memory.
    long reclaims() {
        return reclaims;
    }

    @Override
    public Rung rung() {
        return rung;
    }

    @Override
    public long reclaimableBytes() {
        return (long) held * Budgets.PAGE_BYTES;
    }

    @Override
    public void reclaim(long bytes) {
        int count = (int) Math.min(held, Math.ceilDiv(bytes, Budgets.PAGE_BYTES));
        if (file != null) {
            file.write(pages, held - count, count);
        }
        for (int i = 0; i < count; i++) {
            held--;
            lease.releasePage(pages[held]);
        }
        reclaims++;
    }

    /// Ends the task and its scope.
    @Override
    public void close() {
        ended = true;
        worker.end();
        lease.close();
        scope.close();
    }

    private void run() throws Exception {
        try (MemoryScope.Entry _ = scope.enter();
                MemoryScope.Registration _ = scope.register(this)) {
            pages = new long[(int) (manager.managed().limitBytes() / Budgets.PAGE_BYTES)];
            while (held < pages.length) {
                long page = lease.allocatePage();
                Touch.write(page);
                pages[held] = page;
                held++;
            }
            holdsAll.countDown();
            while (!ended) {
                scope.serveReclaims();
                Thread.onSpinWait();
            }
        } finally {
            holdsAll.countDown();
        }
    }
}
