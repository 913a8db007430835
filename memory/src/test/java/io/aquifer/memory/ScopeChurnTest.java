package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Thousands of scopes that are opened, used, and killed at whatever stage they are.
///
/// Goal: the ledger, the pages' memory, the process's memory, its files and its threads are back
/// where they were. `-Daquifer.test.scopes=10000` is the long form; the short one has 1,000.
class ScopeChurnTest {
    private static final int SCOPES = Integer.getInteger("aquifer.test.scopes", 1_000);
    private static final long RSS_NOISE = 96L << 20;

    private long now;

    @Test
    @EnabledOnOs(OS.LINUX)
    void scopes_killedAtAnyStage_leaveNothing() throws IOException, InterruptedException {
        MemoryPlan plan = Plans.ofPages(400, 64, 0, 100, 20, 100);
        SplittableRandom random = new SplittableRandom(11);
        MemoryOptions options = MemoryOptions.DEFAULTS.withoutPurging().withClock(() -> now);
        try (MemoryManager manager = MemoryManager.create(plan, options)) {
            churn(manager, random, 50);
            manager.purge();
            MemoryStatistics before = manager.statistics();
            long rss = residentOfProcess();
            int threads = threads();
            long files = files();

            churn(manager, random, SCOPES);
            manager.purge();

            MemoryStatistics after = manager.statistics();
            assertThat(after.heldBytes()).isZero();
            assertThat(after.quarantine()).isEmpty();
            assertThat(after.pageBytesResident()).isZero();
            assertThat(after.totalBytes()).isEqualTo(before.totalBytes());
            assertThat(manager.tree().children())
                    .allSatisfy(pool -> assertThat(pool.children()).isEmpty());
            assertThat(threads()).isLessThanOrEqualTo(threads);
            assertThat(files()).isLessThanOrEqualTo(files);
            assertThat(residentOfProcess()).isLessThan(rss + RSS_NOISE);
        }
    }

    private void churn(MemoryManager manager, SplittableRandom random, int count)
            throws InterruptedException {
        List<Life> alive = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            alive.add(new Life(manager.openScope("scope " + i), manager));
            for (int act = random.nextInt(12); act > 0; act--) {
                alive.get(random.nextInt(alive.size())).act(random);
            }
            if (alive.size() > random.nextInt(12)) {
                alive.remove(random.nextInt(alive.size())).kill(random);
                now += ScopeEnds.REST_NANOS / 3;
            }
            if (i % 16 == 0) {
                manager.purge();
            }
        }
        for (Life life : alive) {
            life.kill(random);
        }
        now += ScopeEnds.REST_NANOS;
    }

    /// One scope and what it has come to.
    private static final class Life {
        private final MemoryScope scope;
        private final MemoryManager manager;
        private final List<PageLease> leases = new ArrayList<>();
        private final List<MemoryScope.Entry> entries = new ArrayList<>();
        private final List<MemorySegment> views = new ArrayList<>();

        Life(MemoryScope scope, MemoryManager manager) {
            this.scope = scope;
            this.manager = manager;
        }

        void act(SplittableRandom random) throws InterruptedException {
            switch (random.nextInt(8)) {
                case 0 ->
                        leases.add(
                                scope.leasePages(
                                        random.nextBoolean()
                                                ? manager.managed()
                                                : manager.network(),
                                        "pages"));
                case 1 -> scope.leaseBytes(manager.managedHeap(), "bytes").tryReserve(1_000);
                case 2 -> scope.openScope("inner").leasePages(manager.managed(), "inner");
                case 3 -> {
                    if (entries.isEmpty()) {
                        entries.add(scope.enter());
                    } else if (random.nextInt(10) == 0) {
                        Thread.ofVirtual().start(() -> entries.add(scope.enter())).join();
                    }
                }
                case 4 -> {
                    try {
                        scope.guarantee(manager.managed(), random.nextInt(20) * Plans.PAGE);
                    } catch (MemoryConfigurationException tooMuch) {
                        assertThat(tooMuch).hasMessageContaining("cannot be guaranteed");
                    }
                }
                default -> usePages(random);
            }
        }

        private void usePages(SplittableRandom random) {
            if (leases.isEmpty()) {
                return;
            }
            PageLease lease = leases.get(random.nextInt(leases.size()));
            for (int i = random.nextInt(20); i > 0; i--) {
                long page = lease.tryAllocatePage();
                if (page != 0) {
                    PageAccess.putLong(page, -1);
                    if (random.nextInt(4) == 0) {
                        lease.releasePage(page);
                    } else if (random.nextInt(8) == 0) {
                        view(lease, page);
                    }
                }
            }
        }

        private void view(PageLease lease, long page) {
            try {
                MemorySegment view = lease.view(page);
                view.set(JAVA_BYTE, 0, (byte) 7);
                views.add(view);
            } catch (MemoryExhaustedException sharedExtent) {
                assertThat(manager.statistics().pageMode()).isEqualTo(PageMode.PORTABLE);
            }
        }

        void kill(SplittableRandom random) throws InterruptedException {
            if (random.nextInt(3) == 0) {
                Thread.ofVirtual().start(scope::closeAndReport).join();
            } else {
                scope.closeAndReport();
            }
            for (MemorySegment view : views) {
                assertThat(view.scope().isAlive()).isFalse();
            }
            entries.forEach(MemoryScope.Entry::close);
        }
    }

    private static int threads() {
        return (int)
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("aquifer"))
                        .count();
    }

    private static long files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private static long residentOfProcess() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IllegalStateException("no VmRSS in /proc/self/status");
    }
}
