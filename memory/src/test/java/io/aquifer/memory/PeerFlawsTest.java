package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.Ticket.State;
import io.aquifer.memory.Waiters.Job;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/// Flaws that other memory managers had or have, each as the situation in which it showed.
class PeerFlawsTest {
    private static final long PAGE = Plans.PAGE;
    private static final int THREADS = 4;
    private static final Duration HANG = Duration.ofSeconds(60);

    /// Waits in which only a wake-up can help, since nobody looks at the clock in between.
    private static final MemoryOptions ONLY_WAKE_UPS =
            MemoryOptions.DEFAULTS.withWaits(TimeUnit.HOURS.toNanos(1), TimeUnit.HOURS.toNanos(1));

    /// Arrow's `BaseAllocator` adds to all counters and rolls back: a request is refused for what
    /// another one only tried.
    @Test
    void arrow_demandNeverAboveTheLimit_noRequestIsDenied() throws Exception {
        int each = 32;
        try (MemoryManager manager =
                MemoryManager.create(Plans.ofPages(8, 0, 0, 4, 1, THREADS * each - 11))) {
            AtomicInteger denied = new AtomicInteger();
            inParallel(
                    thread ->
                            () -> {
                                denied.addAndGet(rise(manager, "task " + thread, each, thread));
                                return null;
                            });
            assertThat(denied).hasValue(0);
        }
    }

    /// Holds up to `most` pages in many leases, more and fewer in waves.
    ///
    /// @return how often one was denied
    private static int rise(MemoryManager manager, String owner, int most, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int denied = 0;
        try (MemoryScope scope = manager.openScope(owner)) {
            List<PageLease> leases = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                leases.add(scope.leasePages(manager.managed(), "cells"));
            }
            List<PageLease> holders = new ArrayList<>();
            List<Long> pages = new ArrayList<>();
            for (int i = 0; i < 100_000; i++) {
                boolean rising = random.nextInt(100) < (i / 1_000 % 2 == 0 ? 85 : 25);
                if (rising && pages.size() < most) {
                    PageLease lease = leases.get(random.nextInt(leases.size()));
                    long page = lease.tryAllocatePage();
                    if (page == 0) {
                        denied++;
                    } else {
                        pages.add(page);
                        holders.add(lease);
                    }
                } else if (!pages.isEmpty()) {
                    int last = random.nextInt(pages.size());
                    holders.remove(last).releasePage(pages.remove(last));
                }
            }
            leases.forEach(PageLease::close);
        }
        return denied;
    }

    /// netty#5314: add and then check lets two threads pass the limit together.
    @Test
    void netty5314_allThreadsAtTheLimit_neverMoreIsGranted() throws Exception {
        int limit = 5;
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(limit))) {
            AtomicInteger held = new AtomicInteger();
            AtomicInteger heldMost = new AtomicInteger();
            inParallel(
                    thread ->
                            () -> {
                                try (MemoryScope scope = manager.openScope("task " + thread);
                                        PageLease lease =
                                                scope.leasePages(manager.managed(), "cells")) {
                                    List<Long> pages = new ArrayList<>();
                                    for (int i = 0; i < 10_000; i++) {
                                        long page = lease.tryAllocatePage();
                                        if (page != 0) {
                                            int now = held.incrementAndGet();
                                            heldMost.accumulateAndGet(now, Math::max);
                                            pages.add(page);
                                        }
                                        if (page == 0 || i % 3 == 0) {
                                            held.addAndGet(-pages.size());
                                            pages.forEach(lease::releasePage);
                                            pages.clear();
                                        }
                                    }
                                    held.addAndGet(-pages.size());
                                }
                                return null;
                            });
            assertThat(heldMost.get()).isBetween(1, limit);
        }
    }

    /// velox#15637: the large request in front of the queue blocks all small ones behind it, which
    /// would have freed what it waits for.
    @Test
    void velox15637_largeRequestWaits_smallOnesPassButNotForEver() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(10))) {
            Job holder = waiters.job("holder");
            holder.take(5);
            Ticket large = waiters.job("large").need(8);
            assertThat(large.state).isEqualTo(State.WAITING);
            Job small = waiters.job("small");

            int passed = 0;
            while (small.tryPage()) {
                passed++;
                small.cells.releasePage(waiters.ledger.pages().address(lastPage(waiters, small)));
            }

            assertThat(passed).isEqualTo(Arbiter.SKIPS_MAX);
            holder.end();
            assertThat(large.state).isEqualTo(State.GRANTED);
        }
    }

    private static int lastPage(Waiters waiters, Job job) {
        for (int page = 0; page < 10; page++) {
            if (waiters.ledger.pages().holder(page) == job.cells
                    && waiters.ledger.pages().keeper(page) != PageTable.NOBODY) {
                return page;
            }
        }
        throw new AssertionError("holds nothing");
    }

    /// velox#15637 as a deadlock: whoever may not pass holds what the first waits for.
    @Test
    void velox15637_firstHasBeenPassedOftenAndAllWait_whoFitsGoesOn() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(10))) {
            Job holder = waiters.job("holder");
            holder.take(8);
            Ticket large = waiters.job("large").need(8);
            large.skipped = Arbiter.SKIPS_MAX;

            Ticket small = holder.need(1);

            assertThat(small.state).isEqualTo(State.GRANTED);
            assertThat(large.state).isEqualTo(State.WAITING);
            holder.end();
            assertThat(large.state).isEqualTo(State.GRANTED);
        }
    }

    /// SPARK-35486: what one consumer spills for another is taken by a third before the other asks
    /// again.
    @Test
    void spark35486_memoryIsFreedForAWaiter_noThirdGetsIt() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(6))) {
            Job spiller = waiters.job("spiller");
            List<Long> pages = spiller.take(6);
            Job waiter = waiters.job("waiter");
            Job thief = waiters.job("thief");
            List<Boolean> stolen = new ArrayList<>();
            spiller.scope.register(
                    new Waiters.Offer(
                            pages,
                            Rung.SPILL,
                            page -> {
                                spiller.cells.releasePage(page);
                                Ticket theft =
                                        waiters.ledger
                                                .requests()
                                                .submit(
                                                        thief.thread,
                                                        thief.cells,
                                                        3,
                                                        3 * PAGE,
                                                        false);
                                stolen.add(theft.state == State.GRANTED);
                            }));
            Ticket ticket = waiter.need(3);

            spiller.serve();

            assertThat(ticket.state).isEqualTo(State.GRANTED);
            assertThat(stolen).isNotEmpty().containsOnly(false);
        }
    }

    /// velox#8086: a request is denied while another thread is releasing what it needs.
    @Test
    void velox8086_releaseAndRequestRace_isNeverDenied() throws Exception {
        for (int round = 0; round < 300; round++) {
            boolean byEnd = round % 2 == 0;
            try (MemoryManager manager =
                    MemoryManager.create(Plans.managedOnly(3), ONLY_WAKE_UPS)) {
                MemoryScope giver = manager.openScope("giver");
                PageLease given = giver.leasePages(manager.managed(), "cells");
                MemoryScope taker = manager.openScope("taker");
                PageLease taken = taker.leasePages(manager.managed(), "cells");
                Semaphore ready = new Semaphore(0);
                Future<?> release =
                        start(
                                () -> {
                                    try (MemoryScope.Entry _ = giver.enter()) {
                                        long[] pages = given.allocatePages(3);
                                        ready.release();
                                        for (long page : byEnd ? new long[0] : pages) {
                                            given.releasePage(page);
                                        }
                                        return giver.closeAndReport();
                                    }
                                });
                Future<long[]> request =
                        start(
                                () -> {
                                    try (MemoryScope.Entry _ = taker.enter()) {
                                        ready.acquire();
                                        return taken.allocatePages(2);
                                    }
                                });
                get(release);
                assertThat(get(request)).hasSize(2);
                taken.close();
                taker.close();
            }
        }
    }

    /// FLINK-24035: a listener registers after the buffer it waits for was recycled, and is never
    /// told.
    @Test
    void flink24035_memoryComesBackAsSomebodyBeginsToWait_itIsWoken() throws Exception {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(2), ONLY_WAKE_UPS);
                MemoryScope holder = manager.openScope("holder");
                MemoryScope.Entry _ = holder.enter();
                PageLease held = holder.leasePages(manager.managed(), "cells")) {
            for (int round = 0; round < 500; round++) {
                long[] pages = held.allocatePages(2);
                Future<?> waiter =
                        start(
                                () -> {
                                    try (MemoryScope task = manager.openScope("waiter");
                                            MemoryScope.Entry _ = task.enter();
                                            PageLease lease =
                                                    task.leasePages(manager.managed(), "cells")) {
                                        return lease.allocatePage();
                                    }
                                });
                boolean waits = round % 2 == 0;
                for (int i = 0; waits ? waiting(manager) == 0 : i < round * 10; i++) {
                    Thread.onSpinWait();
                }
                held.releasePage(pages[0]);
                held.releasePage(pages[1]);
                get(waiter);
            }
        }
    }

    private static Callable<Void> releasing(PageLease lease, long page) {
        return () -> {
            lease.releasePage(page);
            return null;
        };
    }

    private static int waiting(MemoryManager manager) {
        return manager.statistics().arbitration().waiting();
    }

    /// FLINK-18595: two buffer pools notify each other under their locks, in opposite orders.
    @Test
    void flink18595_wakeCallbackTakesALockUnderWhichOthersAllocate_noDeadlock() throws Exception {
        // Not closed if it fails: who hangs may have the ledger's lock.
        MemoryManager manager = MemoryManager.create(Plans.managedOnly(4));
        ReentrantLock mailbox = new ReentrantLock();
        inParallel(
                thread ->
                        () -> {
                            try (MemoryScope scope = manager.openScope("task " + thread);
                                    MemoryScope.Entry _ = scope.enter();
                                    PageLease lease =
                                            scope.leasePages(manager.managed(), "cells")) {
                                List<Long> pages = new ArrayList<>();
                                scope.onReclaimRequested(
                                        () -> {
                                            mailbox.lock();
                                            try {
                                                scope.heldBytes();
                                            } finally {
                                                mailbox.unlock();
                                            }
                                        });
                                scope.register(
                                        new Waiters.Offer(pages, Rung.SPILL, lease::releasePage));
                                for (int i = 0; i < 500; i++) {
                                    scope.serveReclaims();
                                    mailbox.lock();
                                    try {
                                        long page = lease.tryAllocatePage();
                                        if (page != 0) {
                                            pages.add(page);
                                        }
                                    } finally {
                                        mailbox.unlock();
                                    }
                                    pages.add(lease.allocatePage());
                                    if (i % 2 == 0) {
                                        lease.releasePage(pages.removeLast());
                                    }
                                }
                            }
                            return null;
                        });
        assertThat(manager.managed().heldBytes()).isZero();
        manager.close();
    }

    /// FLINK-18595 the other way round: a reclaimer has the work done by another thread.
    @Test
    void flink18595_reclaimerReleasesOnAnotherThread_isCounted() throws Exception {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(2), ONLY_WAKE_UPS)) {
            MemoryScope spiller = manager.openScope("spiller");
            PageLease cells = spiller.leasePages(manager.managed(), "cells");
            MemoryScope.Entry entry = spiller.enter();
            List<Long> pages = new ArrayList<>(List.of(cells.allocatePage(), cells.allocatePage()));
            Thread owner = Thread.currentThread();
            spiller.onReclaimRequested(() -> LockSupport.unpark(owner));
            spiller.register(
                    new Waiters.Offer(
                            pages,
                            Rung.SPILL,
                            page -> getUnchecked(start(releasing(cells, page)))));
            Future<Long> request =
                    start(
                            () -> {
                                try (MemoryScope task = manager.openScope("waiter");
                                        MemoryScope.Entry _ = task.enter();
                                        PageLease lease =
                                                task.leasePages(manager.managed(), "cells")) {
                                    return lease.allocatePage();
                                }
                            });
            while (!request.isDone()) {
                spiller.serveReclaims();
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(get(request)).isNotZero();
            entry.close();
            cells.close();
            spiller.close();
        }
    }

    /// FLINK-31386: a pool takes more than its share, and another misses what it was promised.
    @Test
    void flink31386_othersTakeAllTheyCan_theGuaranteedPartIsThereAtOnce() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(10))) {
            Job promised = waiters.job("promised");
            promised.scope.guarantee(waiters.ledger.managed, 4 * PAGE);
            Job greedy = waiters.job("greedy");
            int taken = 0;
            while (greedy.tryPage()) {
                taken++;
            }
            assertThat(taken).isEqualTo(6);
            Ticket waiting = greedy.need(1);

            assertThat(promised.need(4).state).isEqualTo(State.GRANTED);
            assertThat(waiting.state).as("its own ceiling").isEqualTo(State.DENIED);
            assertThat(waiting.failure)
                    .hasMessageStartingWith(
                            "cannot allocate 1 page (32.0 KiB) for 'greedy / cells': pool 'managed'"
                                    + " has 128.0 KiB of 320.0 KiB free (128.0 KiB of it guaranteed"
                                    + " to others)");
        }
    }

    /// FLINK-12852, FLINK-14872: each channel has some of its exclusive buffers and waits for the
    /// rest.
    @Test
    void flink12852_allNeedSeveralPagesTogether_nobodyHoldsAPart() throws Exception {
        try (MemoryManager manager =
                MemoryManager.create(Plans.ofPages(0, 0, 0, 7, 7, 0), ONLY_WAKE_UPS)) {
            inParallel(
                    thread ->
                            () -> {
                                try (MemoryScope scope = manager.openScope("channel " + thread);
                                        MemoryScope.Entry _ = scope.enter()) {
                                    for (int i = 0; i < 500; i++) {
                                        try (PageLease buffers =
                                                scope.leasePages(manager.network(), "exclusive")) {
                                            buffers.allocatePages(3);
                                        }
                                    }
                                }
                                return null;
                            });
            assertThat(manager.network().heldBytes()).isZero();
        }
    }

    /// FLINK-33954: a record larger than the whole pool waits for ever.
    @Test
    void flink33954_requestLargerThanThePool_isDeniedAtOnceAndNobodyPays() {
        try (Waiters waiters = new Waiters(Plans.ofPages(6, 0, 0, 4, 2, 0))) {
            Job owner = waiters.job("owner", -1);
            owner.offer(owner.take(6), Rung.SPILL);
            Job writer = waiters.job("writer");

            Ticket ticket = writer.need(9);

            assertThat(ticket.state).isEqualTo(State.DENIED);
            assertThat(ticket.failure)
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessage(
                            """
                            cannot allocate 9 pages (288.0 KiB) for 'writer / cells': pool 'managed' has 0 B of \
                            192.0 KiB free, the reserve has 0 B left and no other pool has enough idle.
                            Largest holders: 'owner / cells' 192.0 KiB.
                            Raise --memory or env.setMemory (now 320.0 KiB; this request needs about 1.0 MiB, and \
                            1.0 MiB would leave room to grow).\
                            """);
            assertThat(owner.scope.asked).as("nobody spills for it").isFalse();
            assertThat(owner.scope.doom).as("nobody ends for it").isNull();
        }
    }

    private static void inParallel(IntFunction<Callable<Void>> work) throws Exception {
        List<Future<Void>> done = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            done.add(start(work.apply(thread)));
        }
        for (Future<Void> each : done) {
            get(each);
        }
    }

    /// Work on a thread that does not keep the process if it hangs.
    private static <T> Future<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name("peer flaws").start(task);
        return task;
    }

    /// Fails instead of waiting for ever.
    private static <T> T get(Future<T> result)
            throws InterruptedException, ExecutionException, TimeoutException {
        return result.get(HANG.toSeconds(), TimeUnit.SECONDS);
    }

    private static void getUnchecked(Future<?> result) {
        try {
            get(result);
        } catch (InterruptedException | ExecutionException | TimeoutException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
