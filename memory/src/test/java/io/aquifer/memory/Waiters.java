package io.aquifer.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A ledger with a clock that stands still until a test moves it, and threads that are mere names:
/// requests of tests that decide themselves who goes on when.
///
/// **Threads.** One.
final class Waiters implements AutoCloseable {
    static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    final Ledger ledger;
    final List<Thread> woken = new ArrayList<>();
    private long now;

    Waiters(MemoryPlan plan) {
        this(plan, AllocationPolicy.elastic());
    }

    Waiters(MemoryPlan plan, AllocationPolicy policy) {
        this.ledger =
                new Ledger(
                        plan,
                        new NumberedPages((int) (plan.totalBytes() / Plans.PAGE)),
                        MemoryOptions.DEFAULTS
                                .withPolicy(policy)
                                .withoutPurging()
                                .withClock(() -> now)
                                .withWaits(WAIT_NANOS, ANSWER_NANOS));
        ledger.arbiter().wakeBy(woken::add);
    }

    /// A job with one thread inside.
    Job job(String name) {
        return job(name, 0);
    }

    Job job(String name, int priority) {
        return new Job(ledger.openScope(null, name, priority), thread(name));
    }

    static Thread thread(String name) {
        return Thread.ofPlatform().name(name).unstarted(() -> {});
    }

    void passTime(long nanos) {
        now += nanos;
        ledger.run(ledger.arbiter()::tick);
    }

    long now() {
        return now;
    }

    /// A scope, its thread, and leases of both pools.
    final class Job {
        final MemoryScope scope;
        final Thread thread;
        final MemoryScope.Entry entry;
        final PageLease cells;
        final PageLease buffers;

        Job(MemoryScope scope, Thread thread) {
            this.scope = scope;
            this.thread = thread;
            this.entry = ledger.enter(scope, thread);
            this.cells = scope.leasePages(ledger.managed, "cells");
            this.buffers = scope.leasePages(ledger.network, "buffers");
        }

        Ticket need(int pages) {
            return ledger.requests().submit(thread, cells, pages, pages * Plans.PAGE, true);
        }

        Ticket needNetwork(int pages) {
            return ledger.requests().submit(thread, buffers, pages, pages * Plans.PAGE, true);
        }

        boolean tryPage() {
            Ticket ticket = ledger.requests().submit(thread, cells, 1, Plans.PAGE, false);
            return ticket.state == Ticket.State.GRANTED;
        }

        /// Takes so many pages, which must be there.
        List<Long> take(int pages) {
            List<Long> taken = new ArrayList<>();
            for (long page : ledger.requests().allocatePages(cells, pages)) {
                taken.add(page);
            }
            return taken;
        }

        void serve() {
            ledger.arbiter().requests().serve(scope, thread);
        }

        /// Offers pages, which it releases one by one when it is asked.
        MemoryScope.Registration offer(List<Long> pages, Rung rung) {
            return scope.register(new Offer(pages, rung, cells::releasePage));
        }

        /// Ends on its own thread.
        LeakReport end() {
            ScopeEnds.End end = ledger.ends().begin(scope);
            return ledger.ends().finish(end, thread);
        }
    }

    /// Pages that can be asked for.
    record Offer(List<Long> pages, Rung rung, Consumer<Long> release) implements Reclaimer {
        @Override
        public long reclaimableBytes() {
            return pages.size() * Plans.PAGE;
        }

        @Override
        public void reclaim(long bytes) {
            for (long left = bytes; left > 0 && !pages.isEmpty(); left -= Plans.PAGE) {
                release.accept(pages.removeLast());
            }
        }
    }

    @Override
    public void close() {
        ledger.close();
    }
}
