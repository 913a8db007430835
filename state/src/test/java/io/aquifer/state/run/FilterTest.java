package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.state.Seeds;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.Objects;
import java.util.SplittableRandom;

/// Goal: a filter forgets no key, lets about as many others through as its size says, also where
/// routings are few and keys alike, and is the same whether a key lies in an array or in a page.
class FilterTest {
    private static final int KEYS = 30_000;

    private static Filter filled(TestRunPages pages, int bits, long expected, Keys keys) {
        Filter filter = Objects.requireNonNull(Filter.tryOpen(pages, bits, expected));
        for (int i = 0; i < KEYS; i++) {
            filter.add(keys.hash(i));
        }
        return filter;
    }

    private interface Keys {
        long hash(int number);
    }

    private static double falseShare(Filter filter, Keys keys) {
        int let = 0;
        for (int i = 0; i < KEYS; i++) {
            assertThat(filter.mayContain(keys.hash(i))).isTrue();
            let += filter.mayContain(keys.hash(KEYS + i)) ? 1 : 0;
        }
        return (double) let / KEYS;
    }

    private static long mix(long value) {
        long x = value * 0x9E3779B97F4A7C15L;
        x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
        return x ^ x >>> 31;
    }

    private static byte[] eightBytes(long value) {
        byte[] bytes = new byte[8];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }

    @Test
    void mayContain_absentKeys_letsFewThrough() {
        Keys hashed = i -> Filter.hash(mix(i), 0, eightBytes(i), 0, 8);
        Keys keyIsRouting = i -> Filter.hash(mix(i), 0, eightBytes(mix(i)), 0, 8);
        Keys emptyKeys = i -> Filter.hash(mix(i), 1, new byte[0], 0, 0);
        Keys oneRouting = i -> Filter.hash(7, 2, eightBytes(i), 0, 8);
        Keys countingUpwards = i -> Filter.hash((long) i << 40, 0, new byte[3], 0, 3);
        try (TestRunPages pages = new TestRunPages()) {
            Keys[] all = {hashed, keyIsRouting, emptyKeys, oneRouting, countingUpwards};
            for (Keys keys : all) {
                assertShare(pages, keys, 10, 0.006, 0.014);
                assertShare(pages, keys, 5, 0.08, 0.14);
                assertShare(pages, keys, 16, 0.0002, 0.003);
                assertShare(pages, keys, 1, 0.4, 0.9);
            }
        }
    }

    private static void assertShare(
            TestRunPages pages, Keys keys, int bits, double least, double most) {
        Filter filter = filled(pages, bits, KEYS, keys);
        assertThat(falseShare(filter, keys)).as("%d bits", bits).isBetween(least, most);
        filter.release();
    }

    /// A filter for many more keys than came becomes one for those that came.
    @Test
    void fold_fewerKeysThanExpected_isAsGoodAsOneOfThatSize() {
        Keys keys = i -> Filter.hash(mix(i), 0, eightBytes(i), 0, 8);
        try (TestRunPages pages = new TestRunPages()) {
            for (int times = 1; times < 60; times += 7) {
                Filter filter = filled(pages, 10, (long) KEYS * times, keys);
                long before = filter.lines();
                filter.fold(10, KEYS);
                assertThat(filter.lines() * 512.0 / KEYS).isBetween(10.0, 20.5);
                assertThat(filter.lines()).isLessThanOrEqualTo(before);
                assertThat(falseShare(filter, keys)).isLessThan(0.014);
                assertThat(pages.held())
                        .isEqualTo((int) Math.ceilDiv(filter.lines() * 64, RunPages.PAGE_BYTES));
                filter.release();
            }
        }
    }

    @Test
    void tryOpen_noNeedOrNoRoom_isNull() {
        try (TestRunPages pages = new TestRunPages(2)) {
            assertThat(Filter.tryOpen(pages, 0, 100)).isNull();
            assertThat(Filter.tryOpen(pages, 10, 0)).isNull();
            assertThat(Filter.tryOpen(pages, 10, 100_000)).isNull();
            assertThat(Filter.tryOpen(pages, 32, Long.MAX_VALUE)).isNull();
            assertThat(pages.held()).isZero();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void hash_keyInArrayOrPage_isTheSame(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestRunPages pages = new TestRunPages()) {
            long page = pages.allocate();
            for (int length = 0; length < 300; length++) {
                byte[] key = new byte[length + 3];
                random.nextBytes(key);
                long at = page + RunPages.PAGE_BYTES - length;
                PageAccess.copy(key, 2, at, length);
                long routing = random.nextLong();
                assertThat(Filter.hash(routing, 3, at, length))
                        .isEqualTo(Filter.hash(routing, 3, key, 2, length));
            }
            pages.release(page);
        }
    }
}
