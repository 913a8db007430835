package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Random operators on threads of their own against one tight budget, while others kill scopes,
/// interrupt threads, resize the budget and look at it.
///
/// Goal: every request ends in success, an explained denial or an explained abort and none hangs;
/// the budget's law holds at every observation; no page has two holders; at the end everything is
/// back. Method: what each thread does comes from one seed, how they interleave does not. Longer:
/// `-Daquifer.test.fuzz-minutes=30`.
class ArbitrationFuzzTest {
    private static final int OPERATORS = 6;
    private static final int ROUNDS = 4;
    private static final int LIVES = 60;
    private static final long HANG_SECONDS = 60;
    private static final List<String> POLICIES =
            List.of("elastic", "fair-share", "fixed", "priority");

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void operators_killedInterruptedAndResized_allEnd(long seed) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        long minutes = Long.getLong("aquifer.test.fuzz-minutes", 0);
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes) / 4;
        FuzzOperator.Outcomes outcomes = new FuzzOperator.Outcomes();
        for (int i = 0; i < ROUNDS || minutes > 0 && System.nanoTime() < until; i++) {
            round(random.split(), outcomes);
        }
        System.out.println("seed " + seed + ": " + outcomes);
        assertThat(outcomes.granted.get()).isPositive();
    }

    private void round(SplittableRandom random, FuzzOperator.Outcomes outcomes)
            throws InterruptedException {
        MemoryPlan plan =
                Plans.ofPages(
                        8 + random.nextInt(30),
                        2 + random.nextInt(4),
                        0,
                        4 + random.nextInt(12),
                        1 + random.nextInt(4),
                        random.nextInt(8));
        MemoryOptions options =
                MemoryOptions.DEFAULTS
                        .withPolicy(
                                AllocationPolicy.parse(
                                        POLICIES.get(random.nextInt(POLICIES.size()))))
                        .withCeiling(plan.totalBytes() + 16 * Plans.PAGE)
                        .withWaits(
                                TimeUnit.MILLISECONDS.toNanos(5 + random.nextInt(60)),
                                TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(3)));
        try (MemoryManager manager = MemoryManager.create(plan, options)) {
            IdlePages idle = new IdlePages(manager);
            run(manager, plan, random, outcomes);
            idle.close();
            assertThat(failure.get()).isNull();
            MemoryStatistics end = manager.statistics();
            assertThat(end.heldBytes()).isZero();
            assertThat(end.quarantine()).isEmpty();
            assertThat(end.arbitration().waiting()).isZero();
            assertThat(end.arbitration().throttling()).isFalse();
            manager.resize(plan.totalBytes());
            assertThat(manager.statistics().totalBytes()).isEqualTo(plan.totalBytes());
        }
    }

    private void run(
            MemoryManager manager,
            MemoryPlan plan,
            SplittableRandom random,
            FuzzOperator.Outcomes outcomes)
            throws InterruptedException {
        AtomicInteger livesLeft = new AtomicInteger(LIVES);
        List<Thread> threads = new ArrayList<>();
        List<FuzzOperator> operators = new ArrayList<>();
        for (int i = 0; i < OPERATORS; i++) {
            FuzzOperator operator =
                    new FuzzOperator(manager, outcomes, "operator " + i, random.nextLong());
            operators.add(operator);
            threads.add(
                    start(
                            "operator " + i,
                            () -> {
                                while (livesLeft.getAndDecrement() > 0) {
                                    operator.run();
                                }
                            }));
        }
        AtomicBoolean done = new AtomicBoolean();
        Thread sampler = start("sampler", () -> sample(manager, done));
        Thread adversary =
                start(
                        "adversary",
                        () -> disturb(manager, plan, random.split(), operators, threads, done));
        awaitEnd(threads, outcomes);
        done.set(true);
        awaitEnd(List.of(sampler, adversary), outcomes);
    }

    private Thread start(String name, Runnable work) {
        return Thread.ofPlatform()
                .name(name)
                .start(
                        () -> {
                            try {
                                work.run();
                            } catch (Throwable broken) {
                                failure.compareAndSet(null, broken);
                            }
                        });
    }

    /// The budget's law is checked when statistics are made.
    private static void sample(MemoryManager manager, AtomicBoolean done) {
        while (!done.get()) {
            MemoryStatistics now = manager.statistics();
            if (now.heldBytes() > now.totalBytes()) {
                throw new AssertionError("more is held than there is: " + now);
            }
            manager.tree();
            Thread.yield();
        }
    }

    private static void disturb(
            MemoryManager manager,
            MemoryPlan plan,
            SplittableRandom random,
            List<FuzzOperator> operators,
            List<Thread> threads,
            AtomicBoolean done) {
        long least = plan.managedHeapBytes() + plan.networkMinBytes();
        long most = plan.totalBytes() + 16 * Plans.PAGE;
        while (!done.get()) {
            int operator = random.nextInt(operators.size());
            MemoryScope victim = operators.get(operator).victim;
            switch (random.nextInt(64)) {
                case 0 -> {
                    if (victim != null) {
                        victim.closeAndReport();
                    }
                }
                case 1 -> threads.get(operator).interrupt();
                case 2, 3 -> manager.resize(random.nextLong(least, most + 1));
                case 4 -> manager.purge();
                default -> {
                    for (int i = 0; i < 1_000; i++) {
                        Thread.onSpinWait();
                    }
                }
            }
            Thread.yield();
        }
    }

    /// Waits for threads to end; fails with what all threads do if nothing happens for too long.
    private void awaitEnd(List<Thread> threads, FuzzOperator.Outcomes outcomes)
            throws InterruptedException {
        for (Thread thread : threads) {
            long seen = -1;
            while (!thread.join(Duration.ofSeconds(HANG_SECONDS))) {
                long now = outcomes.calls.get();
                if (now == seen || failure.get() != null) {
                    throw new AssertionError(
                            "no progress for " + HANG_SECONDS + " s:\n" + dump(), failure.get());
                }
                seen = now;
            }
        }
    }

    private static String dump() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
            text.append(entry.getKey()).append('\n');
            for (StackTraceElement frame : entry.getValue()) {
                text.append("    at ").append(frame).append('\n');
            }
        }
        return text.toString();
    }

    /// Network pages that are idle and that any thread may free.
    private static final class IdlePages implements Reclaimer, AutoCloseable {
        private final MemoryManager manager;
        private final MemoryScope scope;
        private final PageLease lease;
        private final List<Long> pages = new ArrayList<>();
        private volatile int count;

        IdlePages(MemoryManager manager) {
            this.manager = manager;
            this.scope = manager.openScope("exchange");
            this.lease = scope.leasePages(manager.network(), "idle");
            for (int i = 0; i < 3; i++) {
                pages.add(lease.allocatePage());
            }
            count = pages.size();
            manager.registerShared(this);
        }

        @Override
        public Rung rung() {
            return Rung.IDLE_PAGES;
        }

        @Override
        public long reclaimableBytes() {
            return count * Plans.PAGE;
        }

        @Override
        public synchronized void reclaim(long bytes) {
            for (long left = bytes; left > 0 && !pages.isEmpty(); left -= Plans.PAGE) {
                lease.releasePage(pages.removeLast());
                count--;
            }
        }

        @Override
        public void close() {
            manager.unregister(this);
            lease.close();
            scope.close();
        }
    }
}
