package io.aquifer.engine;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Where one thread waits and others wake it. While it waits it answers what others ask of it, its
/// *service*: so two threads that wait for each other's memory never stand still.
///
/// **No wake-up is lost**: a waker first makes its change - data, a page, or a request to the
/// service - visible by a volatile write and then calls [#wake]; the waiting thread first announces
/// itself by a volatile write and then looks for the change. One of the two sees the other. The
/// service may take locks and do IO, which can swallow the permit that a wake-up leaves behind;
/// therefore the waiting thread takes back `woken` before it looks and parks only if nobody has set
/// it since. A request is either there when the service looks, or its wake-up comes after `woken`
/// was taken back and is seen. Between that last look and the park nothing else can swallow the
/// permit.
///
/// The engine waits and serves without holding a lock.
final class Signal {
    private volatile @Nullable Thread waiter;
    private volatile boolean woken;
    private volatile boolean canceled;
    private volatile long waitedNanos;
    private volatile long waitingSinceNanos;
    private volatile boolean waiting;

    /// Used by the owning thread only.
    private Runnable service = () -> {};

    /// Sets what the owning thread does for others while it waits, and in each [#serve]. Called
    /// once, before the owning thread starts.
    ///
    /// @param answering must not wait on this signal, and cost next to nothing when nothing was
    ///   asked; what it throws ends the wait
    void serveWith(Runnable answering) {
        this.service = answering;
    }

    /// Answers what was asked of the owning thread, which calls it between two batches.
    void serve() {
        service.run();
    }

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
            while (true) {
                woken = false;
                service.run();
                if (ready.getAsBoolean()) {
                    return;
                }
                checkCanceled();
                long left = nanos;
                if (nanos != Long.MAX_VALUE) {
                    left -= System.nanoTime() - start;
                    if (left <= 0) {
                        return;
                    }
                }
                park(left);
            }
        } finally {
            waiter = null;
            addWaited(System.nanoTime() - start);
        }
    }

    private void park(long nanos) {
        if (woken) {
            return;
        }
        if (nanos == Long.MAX_VALUE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
        if (Thread.interrupted()) {
            checkCanceled();
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
            woken = true;
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
