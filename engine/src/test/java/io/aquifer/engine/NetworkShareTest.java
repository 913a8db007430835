package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Reclaimer;
import io.aquifer.memory.Rung;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayDeque;
import java.util.SplittableRandom;

class NetworkShareTest {
    private static final long PAGE = MemoryManager.PAGE_SIZE_BYTES;

    @ParameterizedTest
    @CsvSource({
        // channels, free pages, pages in the reserve, most pages
        "1, 128, 0, 32",
        "2, 128, 0, 32",
        "4, 128, 0, 16",
        "32, 128, 0, 2",
        "64, 128, 0, 2",
        "65, 128, 100, 2",
        "16, 128, 10000, 4",
        "0, 128, 0, 32",
        "0, 0, 0, 2",
    })
    void mostPages_isTheFairPartOfHalfOfWhatIsFree(
            int channels, long free, long reserve, int most) {
        assertThat(
                        NetworkShare.mostPages(
                                channels, free * PAGE, (free + reserve) * PAGE, 128 * PAGE))
                .isEqualTo(most);
    }

    @Test
    void leastPages_thatDoNotFit_areExplained() {
        assertThatThrownBy(() -> NetworkShare.mostPages(33, 40 * PAGE, 65 * PAGE, 128 * PAGE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the job needs 33 channels of at least 2 pages (2.1 MiB) of network memory,"
                                + " and 2.0 MiB of 4.0 MiB is free. Lower the parallelism, or give"
                                + " more memory.");
    }

    /// What another job's channels have idle is taken from them when it is needed.
    @Test
    void leastPages_thatAreIdleInAnotherJob_countAndAreGivenBack() {
        try (MemoryManager manager =
                        MemoryManager.create(
                                new MemoryPlan(65 * PAGE, PAGE, 0, 0, 64 * PAGE, 64 * PAGE, 0));
                MemoryScope scope = manager.openScope("other");
                IdlePages idle = new IdlePages(scope.leasePages(manager.network(), "idle"), 40);
                MemoryScope job = manager.openScope("job")) {
            assertThatThrownBy(() -> NetworkShare.mostPages(31, manager))
                    .as("before anybody says that they are idle")
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("and 768.0 KiB of 2.0 MiB is free");
            manager.registerShared(idle);

            assertThat(NetworkShare.mostPages(31, manager)).isEqualTo(ChannelPages.LEAST);

            assertThatThrownBy(() -> NetworkShare.mostPages(33, manager))
                    .isInstanceOf(IllegalStateException.class);
            try (PageLease channels = job.leasePages(manager.network(), "channels")) {
                for (int page = 0; page < 31 * ChannelPages.LEAST; page++) {
                    channels.allocatePage();
                }
            }
            manager.unregister(idle);
        }
    }

    private static final class IdlePages implements Reclaimer, AutoCloseable {
        private final PageLease lease;
        private final ArrayDeque<Long> pages = new ArrayDeque<>();

        IdlePages(PageLease lease, int count) {
            this.lease = lease;
            for (int i = 0; i < count; i++) {
                pages.add(lease.allocatePage());
            }
        }

        @Override
        public Rung rung() {
            return Rung.IDLE_PAGES;
        }

        @Override
        public long reclaimableBytes() {
            return pages.size() * PAGE;
        }

        @Override
        public void reclaim(long bytes) {
            for (long left = bytes; left > 0 && !pages.isEmpty(); left -= PAGE) {
                lease.releasePage(pages.remove());
            }
        }

        @Override
        public void close() {
            lease.close();
        }
    }

    /// Jobs that come one after another, each as greedy as it may be.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void jobThatGrowsToItsMost_leavesRoomForTheLeastOfAnother(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000; i++) {
            long free = 8 + random.nextInt(5_000);
            int channels = 1 + random.nextInt((int) free / 4);
            int most = NetworkShare.mostPages(channels, free * PAGE, free * PAGE, free * PAGE);
            long left = free - (long) most * channels;
            assertThat(most).isBetween(ChannelPages.LEAST, NetworkShare.MOST_PAGES);
            assertThat(left).isGreaterThanOrEqualTo(free / 2);
            NetworkShare.mostPages((int) (left / 2), left * PAGE, left * PAGE, free * PAGE);
        }
    }
}
