package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Random calls on a [TimerTable] against a sorted set.
///
/// Goal: the same timers come in the same order whatever was registered, deleted and polled before;
/// the table keeps its invariants, gives every page back, and is unchanged by a call that throws.
/// Method: every step comes from one seed; replay with `-Daquifer.test.seed=<seed>`.
class TimerTableModelTest {
    /// What times and keys look like.
    private interface Shape {
        long time(SplittableRandom random, long now);

        byte[] key(SplittableRandom random);
    }

    private static Shape shape(TimeOf time, KeyOf key) {
        return new Shape() {
            @Override
            public long time(SplittableRandom random, long now) {
                return time.at(random, now);
            }

            @Override
            public byte[] key(SplittableRandom random) {
                return key.next(random);
            }
        };
    }

    private interface TimeOf {
        long at(SplittableRandom random, long now);
    }

    private interface KeyOf {
        byte[] next(SplittableRandom random);
    }

    private static byte[] longKey(SplittableRandom random, int count) {
        return ByteBuffer.allocate(8).putLong(random.nextInt(count)).array();
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void manyKeysAtFewTimes_comeInOrder(long seed) {
        run(
                seed,
                4096,
                60_000,
                shape(
                        (random, now) -> now / 1_000 * 1_000 + random.nextInt(-1, 4) * 1_000L,
                        random -> longKey(random, 20_000)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void differentTimes_comeInOrder(long seed) {
        run(
                seed,
                4096,
                60_000,
                shape(
                        (random, now) -> now + random.nextLong(-1_000, 1L << 40),
                        random -> longKey(random, 500)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void timesThatRise_comeInOrder(long seed) {
        run(
                seed,
                4096,
                60_000,
                shape(
                        (random, now) -> now + 30_000 + random.nextInt(3),
                        random -> longKey(random, 5_000)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void timesAndKeysOfAnyKind_comeInOrder(long seed) {
        run(
                seed,
                4096,
                30_000,
                shape(
                        (random, now) ->
                                switch (random.nextInt(8)) {
                                    case 0 -> Long.MIN_VALUE + random.nextInt(3);
                                    case 1 -> Long.MAX_VALUE - random.nextInt(3);
                                    case 2 -> random.nextInt(-3, 4);
                                    case 3 -> random.nextLong();
                                    default -> now + random.nextInt(-50, 2_000);
                                },
                        TimerTableModelTest::anyKey));
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void budgetOfAFewPages_exhaustsAndStaysAsTheModel(long seed) {
        for (int pages = 1; pages <= 12; pages++) {
            run(
                    seed + pages,
                    pages,
                    2_000 * pages + 2_000,
                    shape(
                            (random, now) -> now + random.nextInt(-50, 20_000),
                            pages % 2 == 0
                                    ? random -> longKey(random, 3_000)
                                    : TimerTableModelTest::anyKey));
        }
    }

    /// Half the keys have eight bytes; the others any length, a few of them longer than a page.
    private static byte[] anyKey(SplittableRandom random) {
        SplittableRandom shape = new SplittableRandom(random.nextInt(400));
        int length =
                switch (shape.nextInt(60)) {
                    case 0 -> shape.nextInt(4) * 20_000;
                    case 1 -> 8_168 + shape.nextInt(-1, 2);
                    case 2 -> 2 * 8_184 + shape.nextInt(-1, 2);
                    case 3 -> 65_536;
                    case 4, 5, 6 -> shape.nextInt(500);
                    default -> shape.nextBoolean() ? 8 : shape.nextInt(30);
                };
        byte[] key = new byte[length];
        shape.nextBytes(key);
        return key;
    }

    private static void run(long seed, int pages, int steps, Shape shape) {
        SplittableRandom random = new SplittableRandom(seed);
        TimerModel model = new TimerModel();
        int exhausted = 0;
        try (TestPages source = new TestPages(pages);
                TimerTable table = TimerTable.open(source.lease(), seed)) {
            ByteSlot slot = new ByteSlot();
            long now = 0;
            int removals = 35;
            for (int step = 0; step < steps; step++) {
                if (step % 4_000 == 0) {
                    removals = 5 + random.nextInt(pages <= 12 ? 30 : 90);
                    model.assertSame(table);
                    assertThat(source.held()).isEqualTo(table.pageCount());
                }
                now += random.nextInt(3);
                byte[] key = shape.key(random);
                long time = shape.time(random, now);
                int choice = random.nextInt(1_000);
                if (choice < removals * 5) {
                    assertThat(table.delete(time, key, 0, key.length))
                            .isEqualTo(model.delete(time, key));
                } else if (choice < removals * 10) {
                    pollOne(table, model, slot);
                } else if (choice < 990 || random.nextInt(2_000) != 0) {
                    assertThat(table.contains(time, key, 0, key.length))
                            .isEqualTo(model.contains(time, key));
                    try {
                        boolean added = table.register(time, key, 0, key.length);
                        assertThat(added).isEqualTo(model.register(time, key));
                    } catch (MemoryExhaustedException expected) {
                        exhausted++;
                        assertThat(table.contains(time, key, 0, key.length)).isFalse();
                        assertThat(source.held()).isEqualTo(table.pageCount());
                    }
                } else {
                    table.clear();
                    model.clear();
                    assertThat(source.held()).isZero();
                }
                assertThat(table.size()).isEqualTo(model.size());
                if (!table.isEmpty()) {
                    assertThat(table.firstTime()).isEqualTo(model.firstTime());
                }
            }
            model.assertSame(table);
            while (model.size() > 0) {
                pollOne(table, model, slot);
            }
            model.assertSame(table);
            assertThat(table.pageCount()).as("pages without timers").isLessThanOrEqualTo(2);
        }
        assertThat(exhausted > 0).as("exhausted").isEqualTo(pages <= 12);
    }

    private static void pollOne(TimerTable table, TimerModel model, ByteSlot slot) {
        if (model.size() > 0) {
            assertThat(table.firstTime()).isEqualTo(model.firstTime());
            table.poll(slot);
            Bytes.assertSame(slot.toByteArray(), model.poll());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void changesWhileTimersFire_areSeenInTheSameCall(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TimerModel model = new TimerModel();
        try (TestPages source = new TestPages(1_000);
                TimerTable table = TimerTable.open(source.lease(), seed)) {
            ByteSlot slot = new ByteSlot();
            int fired = 0;
            for (long watermark = 0; watermark < 4_000; watermark += random.nextInt(200)) {
                for (int i = 0; i < 300; i++) {
                    byte[] key = longKey(random, 100);
                    long time = watermark + random.nextInt(500);
                    assertThat(table.register(time, key, 0, 8))
                            .isEqualTo(model.register(time, key));
                }
                while (!table.isEmpty() && table.firstTime() <= watermark) {
                    long due = table.firstTime();
                    pollOne(table, model, slot);
                    fired++;
                    byte[] key = longKey(random, 100);
                    long time = due + random.nextInt(-100, 20);
                    if (random.nextInt(3) == 0) {
                        assertThat(table.register(time, key, 0, 8))
                                .isEqualTo(model.register(time, key));
                    }
                    assertThat(table.delete(time + 1, key, 0, 8))
                            .isEqualTo(model.delete(time + 1, key));
                }
                assertThat(model.size() == 0 || model.firstTime() > watermark).isTrue();
            }
            model.assertSame(table);
            assertThat(fired).isGreaterThan(3_000);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void manyTimers_mostOfThemDeleted_theRestComeInOrderAndPagesGoBack(long seed) {
        deleteMost(seed, 100_000);
    }

    @Test
    void aMillionTimers_mostOfThemDeleted_theRestComeInOrderAndPagesGoBack() {
        deleteMost(1, 1_000_000);
    }

    private static void deleteMost(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestPages source = new TestPages(4_096);
                TimerTable table = TimerTable.open(source.lease(), seed)) {
            byte[] key = new byte[8];
            ByteBuffer keyBytes = ByteBuffer.wrap(key);
            long[] times = new long[count];
            for (int i = 0; i < count; i++) {
                times[i] = random.nextLong();
                keyBytes.putLong(0, i);
                table.register(times[i], key, 0, 8);
            }
            int full = table.pageCount();
            TimerCheck.verify(table);
            int left = 0;
            for (int i = 0; i < count; i++) {
                if (i % 64 == 0) {
                    left++;
                } else {
                    keyBytes.putLong(0, i);
                    assertThat(table.delete(times[i], key, 0, 8)).isTrue();
                }
            }
            assertThat(table.size()).isEqualTo(left);
            TimerCheck.verify(table);
            assertThat(source.held()).isEqualTo(table.pageCount());
            ByteSlot slot = new ByteSlot();
            long last = Long.MIN_VALUE;
            for (int i = 0; i < left; i++) {
                long time = table.firstTime();
                table.poll(slot);
                int of = (int) ByteBuffer.wrap(slot.array()).getLong();
                assertThat(time).isEqualTo(times[of]).isGreaterThanOrEqualTo(last);
                assertThat(of % 64).isZero();
                last = time;
            }
            assertThat(table.isEmpty()).isTrue();
            assertThat(full).isGreaterThan(count / 600);
            assertThat(table.pageCount()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void register_nthPageRefused_leavesTheTimersAsTheyWere() {
        byte[] bytes = new byte[200_000];
        new SplittableRandom(3).nextBytes(bytes);
        int refusals = 0;
        for (int nth = 1; nth < 60; nth++) {
            SplittableRandom random = new SplittableRandom(nth);
            try (TestPages source = new TestPages(4096);
                    TimerTable table = new TimerTable(source, KeyRouting.ungrouped(nth))) {
                TimerModel model = new TimerModel();
                source.refuse(nth);
                for (int i = 0; !source.refused() && i < 40_000; i++) {
                    int length = i % 2_500 == 2_499 ? random.nextInt(bytes.length) : i % 70;
                    byte[] key = Arrays.copyOf(bytes, length);
                    long time = nth % 2 == 0 ? i / 1_000 : random.nextLong();
                    try {
                        assertThat(table.register(time, key, 0, length))
                                .isEqualTo(model.register(time, key));
                    } catch (MemoryExhaustedException expected) {
                        refusals++;
                        model.assertSame(table);
                        assertThat(source.held()).isEqualTo(table.pageCount());
                        assertThat(table.register(time, key, 0, length)).isTrue();
                        model.register(time, key);
                    }
                }
                model.assertSame(table);
            }
        }
        assertThat(refusals).isGreaterThan(50);
    }
}
