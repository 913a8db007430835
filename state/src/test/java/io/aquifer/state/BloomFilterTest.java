package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/// What a [BloomFilter] promises: no key is forgotten, and strangers are taken for keys at the rate
/// asked for, for keys of any length.
class BloomFilterTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void add_asManyAsExpected_forgetsNoneAndKeepsTheRate(long seed) {
        for (int length : new int[] {8, 13}) {
            for (double rate : new double[] {0.3, 0.01, 0.0005}) {
                try (TestPages source = new TestPages(100)) {
                    // Enough keys that rounding up to whole pages hardly helps.
                    int keys = 400_000;
                    int certainlyNew = 0;
                    try (BloomFilter filter = BloomFilter.open(source, seed, keys, rate)) {
                        for (int i = 0; i < keys; i++) {
                            certainlyNew += filter.add(key(i, length), 0, length) ? 1 : 0;
                        }
                        for (int i = 0; i < keys; i++) {
                            assertThat(filter.mightContain(key(i, length), 0, length)).isTrue();
                        }
                        int mistaken = 0;
                        int strangers = 200_000;
                        for (int i = keys; i < keys + strangers; i++) {
                            mistaken += filter.mightContain(key(i, length), 0, length) ? 1 : 0;
                        }
                        double expected = rate * strangers;
                        assertThat((double) mistaken)
                                .as("strangers taken for keys at rate %s", rate)
                                .isBetween(expected * 0.5 - 20, expected * 1.1 + 40);
                        assertThat(certainlyNew).isGreaterThan((int) (keys * (1 - rate)));
                        filter.clear();
                        assertThat(filter.mightContain(key(1, length), 0, length)).isFalse();
                    }
                }
            }
        }
    }

    private static byte[] key(long i, int length) {
        return ByteBuffer.allocate(length).putLong(length - 8, i).array();
    }

    @Test
    void add_anyLength_isFound() {
        byte[] bytes = new byte[100_000];
        new SplittableRandom(3).nextBytes(bytes);
        try (TestPages source = new TestPages(100);
                BloomFilter filter = BloomFilter.open(source.lease(), 7, 1_000, 0.001)) {
            for (int length : new int[] {0, 1, 7, 8, 9, 40_000, 100_000}) {
                assertThat(filter.mightContain(bytes, 0, length)).isFalse();
                assertThat(filter.add(bytes, 0, length)).isTrue();
                assertThat(filter.mightContain(bytes, 0, length)).isTrue();
                assertThat(filter.add(bytes, 0, length)).isFalse();
            }
            assertThat(filter.hashCount()).isEqualTo(10);
            assertThat(filter.bitCount()).isEqualTo(262_144);
        }
    }

    @Test
    void open_noRoomForAll_givesEverythingBack() {
        try (TestPages source = new TestPages(10)) {
            assertThatThrownBy(() -> BloomFilter.open(source, 1, 1_000_000, 0.0001))
                    .isInstanceOf(MemoryExhaustedException.class);
            assertThat(source.held()).isZero();
        }
    }

    @Test
    void open_withoutSense_isExplained() {
        double[][] wrong = {
            {0, 0.5}, {-3, 0.5}, {10, 0}, {10, 1}, {10, -0.1}, {10, Double.NaN}, {1e18, 0.01}
        };
        for (double[] arguments : wrong) {
            try (TestPages source = new TestPages(1)) {
                assertThatThrownBy(
                                () ->
                                        BloomFilter.open(
                                                source, 1, (long) arguments[0], arguments[1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "cannot make a Bloom filter for %,d keys with a false positive rate of %s: it takes at least 1 key, a rate above 0 and below 1, and at most %,d bits"
                                        .formatted(
                                                (long) arguments[0],
                                                arguments[1],
                                                PagedBits.SIZE_MAX));
            }
        }
    }
}
