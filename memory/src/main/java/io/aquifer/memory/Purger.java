package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Gives released memory back to the operating system in the background, by decay.
///
/// Every [#LOOK] it takes from leases what they had and did not use since the look before, and
/// decommits what [DirtyPages] finds useless, in batches, letting go of the ledger's lock between
/// them. It also tries again to release what an IO operation kept, or the rest after views. Its
/// thread starts when there are leases of pages or dirty pages and ends when there are none, so an
/// idle manager has no thread.
///
/// **Threads.** [#wake] under the ledger's lock, [#stop] without it, once.
final class Purger {
    static final Duration LOOK = Duration.ofMillis(100);

    private final Ledger ledger;
    private final boolean enabled;

    // Guarded by the ledger's lock.
    private @Nullable Thread thread;
    private boolean stopped;

    Purger(Ledger ledger, boolean enabled) {
        this.ledger = ledger;
        this.enabled = enabled;
    }

    /// There may be leases or dirty pages. Called with the ledger's lock held.
    void wake() {
        if (enabled && thread == null && !stopped && hasWork()) {
            Thread started =
                    Thread.ofPlatform()
                            .daemon()
                            .name("aquifer memory purger")
                            .unstarted(this::work);
            thread = started;
            try {
                started.start();
            } catch (OutOfMemoryError noThread) {
                // Pages stay resident and charged until their room is needed, or the next attempt.
                thread = null;
            }
        }
    }

    private boolean hasWork() {
        return hasWork(ledger.managed) || hasWork(ledger.network) || ledger.ends().mustRetry();
    }

    private static boolean hasWork(MemoryPool pool) {
        return pool.dirty.count() > 0 || pool.leaseCount > 0;
    }

    private void work() {
        while (true) {
            LockSupport.parkNanos(this, LOOK.toNanos());
            if (!look()) {
                return;
            }
        }
    }

    /// Looks once.
    ///
    /// @return whether to look again; if not, the thread is to end
    boolean look() {
        ledger.run(this::takeBackIdle);
        for (MemoryPool pool : List.of(ledger.managed, ledger.network)) {
            purge(pool, (int) ledger.readLong(() -> DirtyPages.decayed(pool)));
        }
        ledger.run(() -> ledger.pages().space().retryFrees());
        return ledger.read(this::goOn);
    }

    /// Its thread while there is one.
    @Nullable Thread thread() {
        return ledger.read(() -> thread);
    }

    private void takeBackIdle() {
        ledger.charges().takeBackIdle();
        ledger.arbiter().settle();
    }

    private void purge(MemoryPool pool, int count) {
        int left = count;
        while (left > 0) {
            int batch = Math.min(left, DirtyPages.BATCH_PAGES);
            int done = ledger.purge(pool, batch);
            left = done < batch ? 0 : left - done;
        }
    }

    /// Whether to look again; if not, the thread is to end. Called with the ledger's lock held.
    private boolean goOn() {
        if (ledger.ends().mustRetry()) {
            ledger.ends().retry();
        }
        boolean more = !stopped && hasWork();
        if (!more) {
            thread = null;
        }
        return more;
    }

    /// Ends the thread and waits for its end.
    void stop() {
        Thread running =
                ledger.read(
                        () -> {
                            stopped = true;
                            return thread;
                        });
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            LockSupport.unpark(running);
            try {
                running.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
