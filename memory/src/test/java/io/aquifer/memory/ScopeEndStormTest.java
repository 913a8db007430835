package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// Scopes and leases that other threads end in the middle of allocations and releases.
///
/// Goal: the threads get [MemoryUseException] and nothing else, whatever they were doing, and
/// afterwards the ledger is exact: nothing is held, and every page can be had again once.
class ScopeEndStormTest {
    private static final int THREADS = 4;
    private static final int PAGES = 200;
    private final MemoryManager manager =
            MemoryManager.create(Plans.ofPages(PAGES, 4, 0, 40, 10, 0));
    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void close() {
        executor.close();
        manager.close();
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void closeScope_whileThreadsAllocate_throwsTheMemoryUseExceptionOnly(long seed)
            throws InterruptedException, ExecutionException {
        for (int round = 0; round < 12; round++) {
            SplittableRandom random = new SplittableRandom(seed * 31 + round);
            MemoryScope outer = manager.openScope("outer " + round);
            MemoryScope scope = outer.openScope("inner");
            PageLease shared = scope.leasePages(manager.managed(), "shared");
            ByteLease bytes = scope.leaseBytes(manager.managedHeap(), "bytes");
            AtomicLong steps = new AtomicLong();
            List<Future<?>> workers = new ArrayList<>();
            for (int worker = 0; worker < THREADS; worker++) {
                SplittableRandom own = random.split();
                MemoryPool pool = worker % 2 == 0 ? manager.managed() : manager.network();
                PageLease lease = scope.leasePages(pool, "own " + worker);
                workers.add(executor.submit(() -> storm(scope, lease, shared, bytes, own, steps)));
            }
            long enough = random.nextLong(4_000);
            while (steps.get() < enough) {
                Thread.onSpinWait();
            }

            if (round % 3 == 0) {
                shared.close();
            }
            (round % 2 == 0 ? scope : outer).closeAndReport();

            for (Future<?> worker : workers) {
                worker.get();
            }
            outer.closeAndReport();
            assertThat(manager.statistics().heldBytes()).isZero();
            assertThat(manager.statistics().quarantine()).isEmpty();
            everyPageOnce();
        }
        manager.purge();
        assertThat(manager.statistics().pageBytesResident()).isZero();
    }

    private static void storm(
            MemoryScope scope,
            PageLease own,
            PageLease shared,
            ByteLease bytes,
            SplittableRandom random,
            AtomicLong steps) {
        ArrayDeque<Long> ownPages = new ArrayDeque<>();
        ArrayDeque<Long> sharedPages = new ArrayDeque<>();
        MemoryScope.Entry inside;
        try {
            inside = scope.enter();
        } catch (MemoryUseException endedBefore) {
            return;
        }
        try (inside) {
            while (true) {
                steps.incrementAndGet();
                onePage(own, ownPages, random);
                onePage(shared, sharedPages, random);
                if (bytes.tryReserve(10)) {
                    bytes.release(10);
                }
            }
        } catch (MemoryUseException ended) {
            // As it should be.
        }
    }

    private static void onePage(PageLease lease, ArrayDeque<Long> pages, SplittableRandom random) {
        if (random.nextInt(100) < 60) {
            long page = lease.tryAllocatePage();
            if (page != 0) {
                pages.add(page);
            }
        } else if (!pages.isEmpty()) {
            lease.releasePage(pages.poll());
        }
    }

    private void everyPageOnce() {
        try (MemoryScope all = manager.openScope("all");
                PageLease managed = all.leasePages(manager.managed(), "managed");
                PageLease network = all.leasePages(manager.network(), "network")) {
            Set<Long> pages = new HashSet<>();
            for (long page; (page = managed.tryAllocatePage()) != 0; ) {
                assertThat(pages.add(page)).isTrue();
                PageAccess.putLong(page, page);
            }
            for (long page; (page = network.tryAllocatePage()) != 0; ) {
                assertThat(pages.add(page)).isTrue();
                PageAccess.putLong(page, page);
            }
            assertThat(pages).hasSize(PAGES + 40);
            pages.forEach(page -> assertThat(PageAccess.getLong(page)).isEqualTo(page));
        }
    }
}
