package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A [TimerIndex] with hashes that collide. Replay with `-Daquifer.test.seed=<seed>`.
class TimerIndexTest {
    private record Timer(long hash, long record, long time) {}

    private static final byte[] NO_KEY = {};

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void hashesOfAnyBits_findTheirRecords(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 3; round++) {
            run(random, random.nextInt(2, 64), 64 - random.nextInt(30), 15_000);
        }
    }

    /// Long searches: only a few thousand.
    @ParameterizedTest(name = "{0} bits of a hash differ")
    @ValueSource(ints = {0, 1, 4})
    void hashesThatAgree_findTheirRecords(int bits) {
        run(new SplittableRandom(bits), bits, 64, 12_000);
    }

    /// @param bits of a hash that may be 1
    /// @param top the position after the highest of them
    private static void run(SplittableRandom random, int bits, int top, int steps) {
        long mask = bits == 0 ? 0 : -1L >>> (64 - bits) << Math.max(0, top - bits);
        try (TestPages pages = new TestPages(4_000)) {
            SlabPages blocks = new SlabPages(pages);
            TimerRecords records = new TimerRecords(blocks);
            TimerIndex index = new TimerIndex(pages, records);
            List<Timer> timers = new ArrayList<>();
            Map<Long, Timer> byTime = new HashMap<>();
            for (int step = 0; step < steps; step++) {
                if (step < steps * 2 / 3 ? random.nextInt(5) > 0 : random.nextInt(5) == 0) {
                    long hash = random.nextLong() & mask;
                    long record = records.create(step, NO_KEY, 0, 0);
                    index.insert(hash, record);
                    Timer timer = new Timer(hash, record, step);
                    timers.add(timer);
                    byTime.put((long) step, timer);
                } else if (!timers.isEmpty()) {
                    int at = random.nextInt(timers.size());
                    Timer timer = timers.set(at, timers.getLast());
                    timers.removeLast();
                    index.remove(timer.hash(), timer.record());
                    byTime.remove(timer.time());
                    assertThat(index.find(timer.hash(), timer.time(), NO_KEY, 0, 0)).isZero();
                    records.free(timer.record());
                }
                if (step % 5_000 == 0) {
                    TimerCheck.verify(index, timers.size());
                }
            }
            TimerCheck.verify(index, timers.size());
            byTime.values()
                    .forEach(
                            timer ->
                                    assertThat(index.find(timer.hash(), timer.time(), NO_KEY, 0, 0))
                                            .isEqualTo(timer.record()));
            timers.forEach(timer -> index.remove(timer.hash(), timer.record()));
            TimerCheck.verify(index, 0);
            assertThat(index.pageCount()).as("pages of an empty index").isEqualTo(1);
            index.clear();
            blocks.clear();
        }
    }
}
