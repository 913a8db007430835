package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertThat(NetworkShare.mostPages(channels, free * PAGE, reserve * PAGE, 128 * PAGE))
                .isEqualTo(most);
    }

    @Test
    void leastPages_thatDoNotFit_areExplained() {
        assertThatThrownBy(() -> NetworkShare.mostPages(33, 40 * PAGE, 25 * PAGE, 128 * PAGE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the job needs 33 channels of at least 2 pages (2.1 MiB) of network memory,"
                                + " and 2.0 MiB of 4.0 MiB is free. Lower the parallelism, or give"
                                + " more memory.");
    }

    /// Jobs that come one after another, each as greedy as it may be.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void jobThatGrowsToItsMost_leavesRoomForTheLeastOfAnother(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000; i++) {
            long free = 8 + random.nextInt(5_000);
            int channels = 1 + random.nextInt((int) free / 4);
            int most = NetworkShare.mostPages(channels, free * PAGE, 0, free * PAGE);
            long left = free - (long) most * channels;
            assertThat(most).isBetween(ChannelPages.LEAST, NetworkShare.MOST_PAGES);
            assertThat(left).isGreaterThanOrEqualTo(free / 2);
            NetworkShare.mostPages((int) (left / 2), left * PAGE, 0, free * PAGE);
        }
    }
}
