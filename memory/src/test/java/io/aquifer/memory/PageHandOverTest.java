package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/// Pages that one thread takes and another gives back, which have two magazines between them; and
/// how much leases keep for themselves.
class PageHandOverTest {
    private static final long PAGE = Plans.PAGE;

    @Test
    void releasePage_byOthersAndThenByTheTaker_goesToTheOneOrTheOtherMagazine() throws Exception {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(2_000));
                MemoryScope scope = manager.openScope("task");
                PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            assertThat(lease.isHandedOver()).isFalse();
            for (int round = 0; round < 3; round++) {
                List<Long> pages = take(lease, 40);
                FutureTask<Boolean> other =
                        new FutureTask<>(() -> pages.forEach(lease::releasePage), true);
                Thread.ofPlatform().start(other).join();
                assertThat(other.get()).isTrue();
                assertThat(lease.isHandedOver()).isTrue();
                assertThat(lease.pageCount()).isZero();

                List<Long> again = take(lease, 40);
                assertThat(new HashSet<>(again)).hasSize(40);
                assertThat(lease.pageCount()).isEqualTo(40);
                again.forEach(lease::releasePage);

                assertThat(lease.isHandedOver()).isFalse();
                assertThat(lease.pageCount()).isZero();
            }
        }
    }

    @Test
    void spare_moreLeasesAndLessMemory_isLessForEach() {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(4_096));
                MemoryScope scope = manager.openScope("task");
                PageLease first = scope.leasePages(manager.managed(), "first")) {
            List<Integer> spare = new ArrayList<>();
            for (int leases = 1; leases < 512; leases *= 2) {
                first.allocatePages(64); // the ledger looks at what is left
                spare.add(manager.managed().spare.pages);
                for (int i = 0; i < leases; i++) {
                    scope.leasePages(manager.managed(), "lease");
                }
            }
            assertThat(spare).containsExactly(64, 64, 32, 16, 8, 4, 2, 1, 1);
            first.allocatePages(3_000);
            assertThat(manager.managed().isScarce()).isFalse();
            first.allocatePages(400);
            assertThat(manager.managed().isScarce()).isTrue();
            scope.closeAndReport();
        }
    }

    private static List<Long> take(PageLease lease, int count) {
        List<Long> pages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pages.add(lease.allocatePage());
        }
        return pages;
    }

    /// Another owner wants every page there is, so that the ledger takes back what the lease does
    /// not use all the time, and where releases go changes at random.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void pages_handedOver_haveOneHolderAtATimeAndNoneIsLost(long seed) throws Exception {
        int count = 20_000;
        SplittableRandom random = new SplittableRandom(seed);
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(80));
                MemoryScope scope = manager.openScope("exchange");
                MemoryScope otherScope = manager.openScope("other");
                PageLease lease = scope.leasePages(manager.managed(), "buffers");
                PageLease other = otherScope.leasePages(manager.managed(), "pages")) {
            ArrayBlockingQueue<Long> channel = new ArrayBlockingQueue<>(32);
            AtomicBoolean ended = new AtomicBoolean();
            CompletableFuture<?> consumer = start(() -> consume(lease, channel, count));
            CompletableFuture<?> greedy = start(() -> greed(other, ended));
            for (int i = 0; i < count; i++) {
                long page = lease.allocatePage();
                PageAccess.putLong(page, page);
                PageAccess.putLong(page + PAGE - Long.BYTES, i);
                channel.put(page);
                if (random.nextInt(500) == 0) {
                    lease.handOver(random.nextBoolean());
                    manager.statistics(); // checks the law of the budget
                }
            }
            consumer.join();
            ended.set(true);
            greedy.join();
            assertThat(lease.pageCount()).isZero();
            assertThat(other.pageCount()).isZero();
            lease.allocatePages(80);
        }
    }

    private static void consume(PageLease lease, ArrayBlockingQueue<Long> channel, int count)
            throws InterruptedException {
        for (int i = 0; i < count; i++) {
            long page = channel.take();
            assertThat(PageAccess.getLong(page)).isEqualTo(page);
            assertThat(PageAccess.getLong(page + PAGE - Long.BYTES)).isEqualTo(i);
            lease.releasePage(page);
        }
    }

    private static void greed(PageLease lease, AtomicBoolean ended) {
        List<Long> held = new ArrayList<>();
        while (!ended.get()) {
            long page = lease.tryAllocatePage();
            if (page != 0 && held.size() < 40) {
                PageAccess.putLong(page, -page);
                held.add(page);
            } else {
                if (page != 0) {
                    lease.releasePage(page);
                }
                for (long each : held) {
                    assertThat(PageAccess.getLong(each)).isEqualTo(-each);
                    lease.releasePage(each);
                }
                held.clear();
            }
        }
        held.forEach(lease::releasePage);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<?> start(Work work) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread.ofPlatform()
                .start(
                        () -> {
                            try {
                                work.run();
                                done.complete(true);
                            } catch (Throwable failed) {
                                done.completeExceptionally(failed);
                            }
                        });
        return done;
    }
}
