package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// A budget that goes up and down thousands of times under live traffic.
///
/// Goal: no request is denied that would have room in a fixed budget of the smallest size, and the
/// total is what was asked for when it is quiet. Method: together the threads never want more than
/// the smallest budget has.
class ResizeStormTest {
    private static final int THREADS = 4;
    private static final int RESIZES = 4_000;
    private static final int CELLS_EACH = 12;
    private static final int BUFFERS_EACH = 4;
    private static final int LEAST = THREADS * (CELLS_EACH + BUFFERS_EACH);
    private static final int MOST = 4 * LEAST;

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void resize_thousandsOfTimes_deniesNothingThatTheSmallestBudgetHasRoomFor(long seed)
            throws Exception {
        int network = THREADS * BUFFERS_EACH;
        MemoryPlan plan = Plans.ofPages(LEAST - network, 0, 0, network, network / 2, 0);
        MemoryOptions options =
                MemoryOptions.DEFAULTS
                        .withCeiling(MOST * Plans.PAGE)
                        .withWaits(TimeUnit.HOURS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(1));
        try (MemoryManager manager = MemoryManager.create(plan, options)) {
            List<FutureTask<Integer>> traffic = new ArrayList<>();
            FutureTask<Integer> storm = start(() -> storm(manager, seed));
            for (int thread = 0; thread < THREADS; thread++) {
                long own = seed + thread;
                traffic.add(start(() -> traffic(manager, storm, own)));
            }
            for (FutureTask<Integer> each : traffic) {
                assertThat(each.get(60, TimeUnit.SECONDS)).as("granted").isPositive();
            }
            assertThat(storm.get(60, TimeUnit.SECONDS)).isEqualTo(RESIZES);
            manager.resize(LEAST * Plans.PAGE);
            assertThat(manager.statistics().totalBytes()).isEqualTo(LEAST * Plans.PAGE);
            assertThat(manager.statistics().heldBytes()).isZero();
        }
    }

    private static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name("resize storm").start(task);
        return task;
    }

    private static int storm(MemoryManager manager, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < RESIZES; i++) {
            int pages = random.nextBoolean() ? LEAST : random.nextInt(LEAST, MOST + 1);
            manager.resize(pages * Plans.PAGE);
            manager.statistics();
            for (int spin = random.nextInt(200); spin > 0; spin--) {
                Thread.onSpinWait();
            }
        }
        return RESIZES;
    }

    /// Takes and releases while the storm goes on.
    ///
    /// @return how many pages were granted; none was denied
    private static int traffic(MemoryManager manager, FutureTask<Integer> storm, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int granted = 0;
        try (MemoryScope scope = manager.openScope("task");
                MemoryScope.Entry _ = scope.enter();
                PageLease cells = scope.leasePages(manager.managed(), "cells");
                PageLease buffers = scope.leasePages(manager.network(), "buffers")) {
            List<Long> cellPages = new ArrayList<>();
            List<Long> bufferPages = new ArrayList<>();
            while (granted == 0 || !storm.isDone()) {
                boolean cell = random.nextInt(3) > 0;
                PageLease lease = cell ? cells : buffers;
                List<Long> pages = cell ? cellPages : bufferPages;
                int most = cell ? CELLS_EACH : BUFFERS_EACH;
                if (pages.size() < most && random.nextInt(100) < 60) {
                    long page =
                            random.nextBoolean() ? lease.tryAllocatePage() : lease.allocatePage();
                    if (page == 0) {
                        throw new AssertionError("denied: " + manager.statistics());
                    }
                    pages.add(page);
                    granted++;
                } else if (!pages.isEmpty()) {
                    lease.releasePage(pages.remove(random.nextInt(pages.size())));
                }
            }
        }
        return granted;
    }
}
