package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.state.Seeds;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Searching fences against looking at all of them, for routings of any distribution.
class FencesTest {
    private static final byte[] NOTHING = {};

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void lastAtMost_anyRoutings_isTheLastThatIsAtMost(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestRunPages pages = new TestRunPages()) {
            for (int round = 0; round < 40; round++) {
                long[] routings = routings(random, random.nextInt(1 << random.nextInt(13)));
                Fences fences = new Fences(pages);
                for (int i = 0; i < routings.length; i++) {
                    fences.add(routings[i], 100L * i, i, i + 1, ~i, i & 0xFFFF);
                }
                for (int i = 0; i < 200; i++) {
                    long target =
                            routings.length > 0 && random.nextBoolean()
                                    ? routings[random.nextInt(routings.length)]
                                            + random.nextInt(3)
                                            - 1
                                    : random.nextLong();
                    int expected = -1;
                    for (long routing : routings) {
                        expected += Long.compareUnsigned(routing, target) <= 0 ? 1 : 0;
                    }
                    assertThat(fences.lastAtMost(target)).isEqualTo(expected);
                    assertThat(fences.find(target, 0, NOTHING, 0, 0)).isEqualTo(expected);
                }
                for (int i = 0; i < routings.length; i++) {
                    assertThat(fences.offset(i)).isEqualTo(100L * i);
                    assertThat(fences.checksum(i)).isEqualTo(~i);
                    assertThat(fences.entries(i)).isEqualTo(i + 1);
                    assertThat(fences.lastKeyGroup(i)).isEqualTo(i & 0xFFFF);
                }
                fences.release();
            }
        }
    }

    /// Ascending and unsigned; spread evenly, in clusters, or growing by doubling.
    private static long[] routings(SplittableRandom random, int count) {
        long[] routings = new long[count];
        int shape = random.nextInt(3);
        for (int i = 0; i < count; i++) {
            routings[i] =
                    switch (shape) {
                        case 0 -> random.nextLong();
                        case 1 -> ((long) random.nextInt(4) << 62) + random.nextInt(100_000);
                        default -> random.nextLong() >>> random.nextInt(64);
                    };
        }
        return Arrays.stream(routings)
                .map(routing -> routing ^ Long.MIN_VALUE)
                .sorted()
                .map(routing -> routing ^ Long.MIN_VALUE)
                .toArray();
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void find_tails_isTheLastFenceThatIsAtMost(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestRunPages pages = new TestRunPages()) {
            for (int round = 0; round < 30; round++) {
                TreeSet<Key> keys = new TreeSet<>();
                int count = 1 + random.nextInt(3000);
                for (int i = 0; i < count; i++) {
                    keys.add(key(random));
                }
                Key[] sorted = keys.toArray(new Key[0]);
                Fences fences = new Fences(pages);
                for (int i = 0; i < sorted.length; i++) {
                    Key key = sorted[i];
                    fences.add(key.routing(), 0, 0, 0, 0, 0);
                    if (i > 0 && sorted[i - 1].routing() == key.routing()) {
                        fences.addTail(key.kind(), false, key.bytes(), 0, key.bytes().length);
                    }
                }
                for (int i = 0; i < 300; i++) {
                    Key target =
                            random.nextBoolean()
                                    ? key(random)
                                    : sorted[random.nextInt(sorted.length)];
                    int expected = expected(sorted, target);
                    byte[] bytes = target.bytes();
                    assertThat(fences.find(target.routing(), target.kind(), bytes, 0, bytes.length))
                            .isEqualTo(expected);
                }
                fences.release();
            }
        }
    }

    private static int expected(Key[] fences, Key target) {
        int expected = -1;
        for (int i = 0; i < fences.length; i++) {
            boolean tail = i > 0 && fences[i - 1].routing() == fences[i].routing();
            Key fence = tail ? fences[i] : new Key(fences[i].routing(), 0, NOTHING);
            expected += fence.compareTo(target) <= 0 ? 1 : 0;
        }
        return expected;
    }

    private static Key key(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 256 : 6)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(3) - 1);
        }
        return new Key((long) (random.nextInt(8) - 4) << 60, random.nextInt(4), bytes);
    }
}
