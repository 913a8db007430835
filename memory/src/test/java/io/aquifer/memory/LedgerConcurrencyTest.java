package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Four threads that allocate and release while another looks at the ledger all the time.
///
/// Goal: the budget's law holds at every observation by another thread (the statistics check it as
/// they are made), and no page has two holders, seen by a stamp of the thread in each page it
/// holds.
class LedgerConcurrencyTest {
    private static final int THREADS = 4;
    private static final int STEPS = 20_000;

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void statistics_whileFourThreadsAllocate_alwaysAddUp(long seed) throws Exception {
        MemoryPlan plan = Plans.ofPages(64, 32, 8, 64, 16, 64);
        try (MemoryManager manager = MemoryManager.create(plan);
                ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Integer>> workers = new ArrayList<>();
            for (int worker = 0; worker < THREADS; worker++) {
                SplittableRandom random = new SplittableRandom(seed + worker);
                long stamp = 0x0101_0101_0101_0101L * (worker + 1);
                String owner = "worker " + worker;
                workers.add(executor.submit(() -> work(manager, owner, stamp, random)));
            }
            int samples = 0;
            while (!workers.stream().allMatch(Future::isDone)) {
                MemoryStatistics now = manager.statistics();
                assertThat(now.heldBytes()).isLessThanOrEqualTo(plan.totalBytes());
                assertThat(now.pageBytesResident()).isLessThanOrEqualTo(plan.offHeapBytes());
                samples++;
            }
            int granted = 0;
            for (Future<Integer> worker : workers) {
                granted += worker.get();
            }
            assertThat(samples).isPositive();
            assertThat(granted).isGreaterThan(THREADS * STEPS / 10);
            assertThat(manager.statistics().heldBytes()).isZero();
        }
    }

    private static int work(
            MemoryManager manager, String owner, long stamp, SplittableRandom random) {
        int granted = 0;
        for (int life = 0; life < 10; life++) {
            try (MemoryScope scope = manager.openScope(owner + ", life " + life);
                    PageLease state = scope.leasePages(manager.managed(), "state");
                    PageLease buffers = scope.leasePages(manager.network(), "buffers");
                    ByteLease heap = scope.leaseBytes(manager.managedHeap(), "objects")) {
                ArrayDeque<Long> statePages = new ArrayDeque<>();
                ArrayDeque<Long> bufferPages = new ArrayDeque<>();
                for (int step = 0; step < STEPS / 10; step++) {
                    granted += onePage(state, statePages, stamp, random);
                    granted += onePage(buffers, bufferPages, stamp, random);
                    long size = random.nextLong(Plans.PAGE);
                    if (heap.tryReserve(size) && random.nextInt(8) > 0) {
                        heap.release(size);
                    }
                }
            }
        }
        return granted;
    }

    private static int onePage(
            PageLease lease, ArrayDeque<Long> held, long stamp, SplittableRandom random) {
        if (random.nextInt(100) < 55) {
            long address = lease.tryAllocatePage();
            if (address == 0) {
                return 0;
            }
            PageAccess.fill(address, Plans.PAGE, (byte) stamp);
            held.add(address);
            return 1;
        }
        Long address = held.poll();
        if (address != null) {
            for (int offset = 0; offset < Plans.PAGE; offset += 4096) {
                assertThat(PageAccess.getLong(address + offset)).isEqualTo(stamp);
            }
            lease.releasePage(address);
        }
        return 0;
    }
}
