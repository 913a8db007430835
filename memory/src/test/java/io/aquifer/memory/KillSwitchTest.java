package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/// Threads that go on writing after their scope was killed.
///
/// Goal: whoever writes through views is thrown out, whoever writes by address goes on; their pages
/// are not let again before they have left, so no byte of a neighbour changes, and the process
/// lives. Method: neighbours fill their pages with a pattern of their own, take over what the dead
/// scope had as soon as they can get it, and compare every byte while the writers run and after
/// they have ended.
class KillSwitchTest {
    private static final long PAGE = Plans.PAGE;
    private static final int PAGES = 64;
    private static final int WRITERS = 3;
    private static final int DEAD_PAGES = 30;

    private final AtomicLong now = new AtomicLong();
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.managedOnly(PAGES), MemoryOptions.DEFAULTS.withClock(now::get));

    /// Pages with bytes that only their owner writes.
    private static final class Neighbour {
        private final PageLease lease;
        private final byte pattern;
        private final List<Long> pages = new ArrayList<>();

        Neighbour(PageLease lease, int pattern) {
            this.lease = lease;
            this.pattern = (byte) pattern;
        }

        int take(int most) {
            int taken = 0;
            for (long page; taken < most && (page = lease.tryAllocatePage()) != 0; taken++) {
                PageAccess.fill(page, PAGE, pattern);
                pages.add(page);
            }
            return taken;
        }

        long foreignBytes() {
            long foreign = 0;
            for (long page : pages) {
                for (int i = 0; i < PAGE; i++) {
                    foreign += PageAccess.getByte(page + i) == pattern ? 0 : 1;
                }
            }
            return foreign;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void scopeKilled_threadsWriteThroughViews_areThrownOutAndChangeNothing(long seed)
            throws InterruptedException {
        for (int round = 0; round < 6; round++) {
            try (MemoryScope left = manager.openScope("left");
                    MemoryScope right = manager.openScope("right");
                    PageLease leftPages = left.leasePages(manager.managed(), "pages");
                    PageLease rightPages = right.leasePages(manager.managed(), "pages")) {
                Neighbour first = new Neighbour(leftPages, 0x11);
                Neighbour second = new Neighbour(rightPages, 0x22);
                first.take(8);
                MemoryScope dead = manager.openScope("dead");
                List<MemorySegment> views = new ArrayList<>();
                PageLease deadPages = dead.leasePages(manager.managed(), "pages");
                for (long page : deadPages.allocatePages(DEAD_PAGES)) {
                    views.add(deadPages.view(page));
                }
                second.take(8);
                AtomicLong thrownOut = new AtomicLong();
                CountDownLatch allWrite = new CountDownLatch(WRITERS);
                List<Thread> writers = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    SplittableRandom random = new SplittableRandom(seed + round * 31 + writer);
                    writers.add(
                            Thread.ofPlatform()
                                    .start(() -> write(dead, views, random, allWrite, thrownOut)));
                }
                allWrite.await();

                dead.closeAndReport();

                // The last thread that is thrown out leaves, and then the pages are there, since
                // their rest after the end of the views is over.
                now.addAndGet(ScopeEnds.REST_NANOS);
                long whileTheyMayWrite = 0;
                int taken = 0;
                while (taken < PAGES - 16) {
                    manager.purge();
                    taken += first.take(PAGES) + second.take(PAGES);
                    whileTheyMayWrite += first.foreignBytes() + second.foreignBytes();
                }
                assertThat(taken).as("all that the dead scope had").isEqualTo(PAGES - 16);
                for (Thread writer : writers) {
                    writer.join();
                }
                assertThat(manager.statistics().quarantine()).isEmpty();
                assertThat(thrownOut.get()).isEqualTo(WRITERS);
                assertThat(whileTheyMayWrite).isZero();
                assertThat(first.foreignBytes() + second.foreignBytes()).isZero();
            }
        }
        manager.close();
    }

    private static void write(
            MemoryScope dead,
            List<MemorySegment> views,
            SplittableRandom random,
            CountDownLatch allWrite,
            AtomicLong thrownOut) {
        try (MemoryScope.Entry inside = dead.enter()) {
            assertThat(inside).isNotNull();
            for (long step = 0; ; step++) {
                MemorySegment view = views.get(random.nextInt(views.size()));
                if (random.nextInt(8) == 0) {
                    view.fill((byte) 0xDD);
                } else {
                    view.set(
                            JAVA_LONG_UNALIGNED, random.nextInt((int) PAGE - 7), random.nextLong());
                }
                if (step == 100) {
                    allWrite.countDown();
                }
            }
        } catch (IllegalStateException revoked) {
            thrownOut.incrementAndGet();
        }
    }

    @Test
    void scopeKilled_threadsInsideWriteByAddress_keepItsPagesInQuarantine()
            throws InterruptedException {
        try (MemoryScope neighbourScope = manager.openScope("neighbour");
                PageLease neighbourPages = neighbourScope.leasePages(manager.managed(), "pages")) {
            Neighbour neighbour = new Neighbour(neighbourPages, 0x33);
            neighbour.take(10);
            MemoryScope dead = manager.openScope("dead");
            long[] pages = dead.leasePages(manager.managed(), "pages").allocatePages(DEAD_PAGES);
            CountDownLatch allWrite = new CountDownLatch(WRITERS);
            CountDownLatch[] leave = new CountDownLatch[WRITERS];
            List<Thread> writers = new ArrayList<>();
            AtomicLong lateWrites = new AtomicLong();
            AtomicLong refusals = new AtomicLong();
            for (int writer = 0; writer < WRITERS; writer++) {
                CountDownLatch mayLeave = new CountDownLatch(1);
                leave[writer] = mayLeave;
                writers.add(
                        Thread.ofPlatform()
                                .name("late " + writer)
                                .start(
                                        () -> {
                                            try (MemoryScope.Entry inside = dead.enter()) {
                                                assertThat(inside).isNotNull();
                                                writeByAddress(
                                                        pages,
                                                        allWrite,
                                                        mayLeave,
                                                        lateWrites,
                                                        refusals);
                                            }
                                        }));
            }
            allWrite.await();

            assertThat(dead.closeAndReport().bytes()).isEqualTo(DEAD_PAGES * PAGE);

            long writesBefore = lateWrites.get();
            assertThat(manager.statistics().quarantine())
                    .singleElement()
                    .satisfies(
                            kept -> {
                                assertThat(kept.owner()).isEqualTo("dead");
                                assertThat(kept.bytes()).isEqualTo(DEAD_PAGES * PAGE);
                                assertThat(kept.threads())
                                        .containsExactlyInAnyOrder("late 0", "late 1", "late 2");
                            });
            assertThat(neighbour.take(PAGES))
                    .as("what is left beside the quarantine")
                    .isEqualTo(PAGES - 10 - DEAD_PAGES);
            while (lateWrites.get() < writesBefore + 10_000) {
                Thread.onSpinWait();
            }
            manager.purge();
            assertThat(neighbour.foreignBytes()).isZero();
            for (int writer = 0; writer < WRITERS; writer++) {
                assertThat(neighbour.take(1)).as("not let before the last has left").isZero();
                leave[writer].countDown();
                writers.get(writer).join();
            }
            assertThat(manager.statistics().quarantine()).isEmpty();
            assertThat(refusals.get()).as("the pages stay as long as somebody is inside").isZero();
            assertThat(neighbour.take(PAGES)).isEqualTo(DEAD_PAGES);
            assertThat(neighbour.foreignBytes()).isZero();
        }
        manager.close();
    }

    /// Writes until it may leave.
    private static void writeByAddress(
            long[] pages,
            CountDownLatch allWrite,
            CountDownLatch mayLeave,
            AtomicLong writes,
            AtomicLong refusals) {
        for (long step = 0; mayLeave.getCount() > 0; step++) {
            try {
                long page = pages[(int) (step % pages.length)];
                PageAccess.putLong(page + step % (PAGE / 8) * 8, -1);
            } catch (IllegalStateException | AssertionError gone) {
                refusals.incrementAndGet();
            }
            writes.incrementAndGet();
            if (step == 100) {
                allWrite.countDown();
            }
        }
    }
}
