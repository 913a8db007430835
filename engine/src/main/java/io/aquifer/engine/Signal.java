package io.aquifer.engine;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Where one thread waits and others wake it.
///
/// **No wake-up is lost**: a waker first makes its change visible by a volatile write and then
/// calls [#wake]; the waiting thread first announces itself by a volatile write and then looks for
/// the change. One of the two sees the other.
final class Signal {
    private volatile @Nullable Thread waiter;
    private volatile boolean canceled;
    private volatile long waitedNanos;
    private volatile long waitingSinceNanos;
    private volatile boolean waiting;

    /// Waits until `ready`. Called by the owning thread only.
    ///
    /// @param nanos at most this long; [Long#MAX_VALUE] for as long as it takes
    /// @throws CanceledException when the job is being cancelled
    void await(BooleanSupplier ready, long nanos) {
        long start = System.nanoTime();
        waitingSinceNanos = start;
        waiting = true;
        waiter = Thread.currentThread();
        try {
            while (!ready.getAsBoolean()) {
                checkCanceled();
                if (nanos == Long.MAX_VALUE) {
                    LockSupport.park(this);
                } else {
                    long left = nanos - (System.nanoTime() - start);
                    if (left <= 0) {
                        return;
                    }
                    LockSupport.parkNanos(this, left);
                }
                if (Thread.interrupted()) {
                    checkCanceled();
                }
            }
        } finally {
            waiter = null;
            addWaited(System.nanoTime() - start);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer, the owning thread
    private void addWaited(long nanos) {
        waiting = false;
        waitedNanos += nanos;
    }

    /// Wakes the thread when it waits. Any thread.
    void wake() {
        Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /// Makes this and every later wait end with a [CanceledException]. Any thread.
    void cancel() {
        canceled = true;
        wake();
    }

    void checkCanceled() {
        if (canceled) {
            throw new CanceledException();
        }
    }

    /// Time spent waiting, a wait in progress included. Exact for the owning thread, recent for
    /// others.
    long waitedNanos() {
        long before = waitedNanos;
        return waiting ? before + Math.max(0, System.nanoTime() - waitingSinceNanos) : before;
    }
}
