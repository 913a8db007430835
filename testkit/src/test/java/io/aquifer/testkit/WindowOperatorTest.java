package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.windowing.TimeWindow;
import io.aquifer.api.windowing.TumblingEventTimeWindows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Tumbling windows against lists in a sorted map: disorder, late records, watermarks anywhere.
class WindowOperatorTest {
    private static final long SIZE = 100;
    private static final long OFFSET = 30;
    private static final long HEAP_SLACK_BYTES = 128 * 1024;
    private static final TumblingEventTimeWindows WINDOWS =
            TumblingEventTimeWindows.of(Duration.ofMillis(SIZE), Duration.ofMillis(OFFSET));

    record Amount(String key, long amount) {}

    record Total(String key, long start, long sum, int count) {}

    /// Adds up and counts, in an accumulator that it changes in place.
    static final class Adding implements AggregateFunction<Amount, long[], long[]> {
        private static final long serialVersionUID = 1L;

        @Override
        public long[] createAccumulator() {
            return new long[2];
        }

        @Override
        public long[] add(Amount value, long[] accumulator) {
            accumulator[0] += value.amount();
            accumulator[1]++;
            return accumulator;
        }

        @Override
        public long[] getResult(long[] accumulator) {
            return accumulator;
        }

        @Override
        public long[] merge(long[] a, long[] b) {
            a[0] += b[0];
            a[1] += b[1];
            return a;
        }
    }

    static final class Describing extends ProcessWindowFunction<long[], Total, String, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(
                String key,
                Context<TimeWindow> ctx,
                Iterable<long[]> elements,
                Collector<Total> out) {
            for (long[] element : elements) {
                out.collect(new Total(key, ctx.window().start(), element[0], (int) element[1]));
            }
        }
    }

    static final class Counting extends ProcessWindowFunction<Amount, Total, String, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(
                String key,
                Context<TimeWindow> ctx,
                Iterable<Amount> elements,
                Collector<Total> out) {
            long sum = 0;
            int count = 0;
            for (Amount amount : elements) {
                assertThat(amount.key()).isEqualTo(key);
                sum += amount.amount();
                count++;
            }
            out.collect(new Total(key, ctx.window().start(), sum, count));
        }
    }

    private static OperatorHarness<Amount, Total> aggregating() {
        return OperatorHarness.of(
                Amount.class,
                in ->
                        in.keyBy(Amount::key)
                                .window(WINDOWS)
                                .aggregate(new Adding(), new Describing()));
    }

    private static OperatorHarness<Amount, Total> gathering() {
        return OperatorHarness.of(
                Amount.class, in -> in.keyBy(Amount::key).window(WINDOWS).process(new Counting()));
    }

    private static OperatorHarness<Amount, Amount> reducing(OutputTag<Amount> late) {
        return OperatorHarness.of(
                Amount.class,
                in ->
                        in.keyBy(Amount::key)
                                .window(WINDOWS)
                                .sideOutputLateData(late)
                                .reduce((a, b) -> new Amount(a.key(), a.amount() + b.amount())));
    }

    /// What a window operator should do, on plain collections.
    private static final class Model {
        final TreeMap<Long, Map<String, List<Long>>> open = new TreeMap<>();
        long watermark = Long.MIN_VALUE;
        long late;

        static long startOf(long time) {
            return Math.floorDiv(time - OFFSET, SIZE) * SIZE + OFFSET;
        }

        /// Whether the record was in time.
        boolean add(Amount amount, long time) {
            long start = startOf(time);
            if (start + SIZE - 1 <= watermark) {
                late++;
                return false;
            }
            open.computeIfAbsent(start, ignored -> new TreeMap<>())
                    .computeIfAbsent(amount.key(), ignored -> new ArrayList<>())
                    .add(amount.amount());
            return true;
        }

        List<TimedRecord<Total>> advance(long newWatermark) {
            watermark = newWatermark;
            List<TimedRecord<Total>> fired = new ArrayList<>();
            while (!open.isEmpty() && open.firstKey() + SIZE - 1 <= newWatermark) {
                Map.Entry<Long, Map<String, List<Long>>> window = open.pollFirstEntry();
                window.getValue()
                        .forEach(
                                (key, amounts) -> {
                                    long sum = amounts.stream().mapToLong(Long::longValue).sum();
                                    Total total =
                                            new Total(key, window.getKey(), sum, amounts.size());
                                    fired.add(TimedRecord.of(total, window.getKey() + SIZE - 1));
                                });
            }
            return fired;
        }
    }

    private static final Comparator<TimedRecord<Total>> BY_KEY_IN_WINDOW =
            Comparator.comparing((TimedRecord<Total> record) -> record.value().start())
                    .thenComparing(record -> record.value().key());

    /// Random records and watermarks; after each watermark, outputs and memory are compared with
    /// the model's.
    private static void compare(
            OperatorHarness<Amount, Total> harness, StateBackend backend, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Model model = new Model();
        boolean managed = backend instanceof ManagedStateBackend;
        long now = -5 * SIZE;
        for (int step = 0; step < 6_000; step++) {
            if (random.nextInt(60) == 0) {
                long watermark = Math.max(model.watermark, now - random.nextInt(200));
                harness.clearOutputs();
                harness.processWatermark(watermark);
                List<TimedRecord<Total>> fired = model.advance(watermark);
                List<TimedRecord<Total>> records = new ArrayList<>(harness.records());
                // Windows fire in order; the keys within one do not.
                assertThat(records)
                        .isSortedAccordingTo(Comparator.comparing(record -> record.timestamp()));
                records.sort(BY_KEY_IN_WINDOW);
                assertThat(records).isEqualTo(fired);
                assertThat(harness.watermarks()).containsExactly(watermark);
                if (model.open.isEmpty()) {
                    assertThat(harness.stateBytes())
                            .isLessThanOrEqualTo(managed ? 0 : HEAP_SLACK_BYTES);
                }
                assertThat(harness.heldBytes()).isEqualTo(harness.stateBytes());
            } else {
                now += random.nextInt(8);
                Amount amount = new Amount("k" + random.nextInt(40), random.nextInt(1_000) - 500);
                long time =
                        now - (random.nextInt(10) == 0 ? random.nextInt(500) : random.nextInt(50));
                model.add(amount, time);
                harness.processElement(amount, time);
            }
        }
        assertThat(model.late).isPositive();
        assertThat(harness.counters()).containsEntry("late records dropped", model.late);
        harness.clearOutputs();
        harness.finish();
        List<TimedRecord<Total>> rest = new ArrayList<>(harness.records());
        rest.sort(BY_KEY_IN_WINDOW);
        assertThat(rest).isEqualTo(model.advance(Long.MAX_VALUE));
        assertThat(harness.stateBytes()).isLessThanOrEqualTo(managed ? 0 : HEAP_SLACK_BYTES);
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource(Cases.BACKENDS_AND_SEEDS)
    void aggregate_overRandomRecords_agreesWithLists(StateBackend backend, long seed) {
        try (OperatorHarness<Amount, Total> harness = aggregating().withBackend(backend)) {
            compare(harness, backend, seed);
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource(Cases.BACKENDS_AND_SEEDS)
    void process_overRandomRecords_agreesWithLists(StateBackend backend, long seed) {
        try (OperatorHarness<Amount, Total> harness = gathering().withBackend(backend)) {
            compare(harness, backend, seed);
        }
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource(Cases.BACKENDS_AND_SEEDS)
    void reduce_withASideOutputForLateRecords_losesNone(StateBackend backend, long seed) {
        OutputTag<Amount> lateTag = new OutputTag<>("late") {};
        SplittableRandom random = new SplittableRandom(seed);
        Model model = new Model();
        List<TimedRecord<Amount>> late = new ArrayList<>();
        long sum = 0;
        try (OperatorHarness<Amount, Amount> harness = reducing(lateTag).withBackend(backend)) {
            for (int step = 0; step < 5_000; step++) {
                long time = step + random.nextInt(300);
                Amount amount = new Amount("k" + random.nextInt(5), 1);
                if (model.add(amount, time)) {
                    sum++;
                } else {
                    late.add(TimedRecord.of(amount, time));
                }
                harness.processElement(amount, time);
                if (random.nextInt(50) == 0) {
                    long watermark = Math.max(model.watermark, step + random.nextInt(200));
                    model.advance(watermark);
                    harness.processWatermark(watermark);
                }
            }
            harness.finish();
            assertThat(late).isNotEmpty();
            assertThat(harness.sideOutput(lateTag)).isEqualTo(late);
            assertThat(harness.counters().getOrDefault("late records dropped", 0L)).isZero();
            assertThat(harness.values().stream().mapToLong(Amount::amount).sum()).isEqualTo(sum);
        }
    }

    @Test
    void recordAtTheLastMillisecond_belongsToTheWindowUntilItFires() {
        try (OperatorHarness<Amount, Total> harness = aggregating()) {
            harness.processElement(new Amount("a", 1), 30);
            harness.processElement(new Amount("a", 2), 129);
            harness.processElement(new Amount("a", 4), 130);
            harness.processWatermark(128);
            assertThat(harness.records()).isEmpty();

            harness.processWatermark(129);

            assertThat(harness.records())
                    .containsExactly(TimedRecord.of(new Total("a", 30, 3, 2), 129));
            harness.processElement(new Amount("a", 8), 129);
            assertThat(harness.counters()).containsEntry("late records dropped", 1L);
            harness.processWatermark(229);
            assertThat(harness.values())
                    .containsExactly(new Total("a", 30, 3, 2), new Total("a", 130, 4, 1));
            assertThat(harness.stateBytes()).isZero();
        }
    }

    @Test
    void firingOfManyKeys_givesTheWindowsPagesBack() {
        try (OperatorHarness<Amount, Total> harness = gathering()) {
            for (int i = 0; i < 50_000; i++) {
                harness.processElement(new Amount("key-" + i % 5_000, i), i % 2 == 0 ? 50 : 150);
            }
            long both = harness.stateBytes();
            assertThat(both).isGreaterThan(1_000_000);
            harness.processWatermark(129);
            assertThat(harness.stateBytes()).isBetween(both / 3, both * 2 / 3);
            harness.processWatermark(229);
            assertThat(harness.stateBytes()).isZero();
            assertThat(harness.heldBytes()).isZero();
            assertThat(harness.records()).hasSize(5_000);
        }
    }

    @Test
    void recordWithoutTimestamp_isRefusedWithTheLineToWrite() {
        try (OperatorHarness<Amount, Total> harness = aggregating()) {
            assertThatThrownBy(() -> harness.processElement(new Amount("a", 1)))
                    .message()
                    .matches(
                            "operator 'window' \\(WindowOperatorTest\\.java:\\d+\\), subtask 1/1:"
                                + " IllegalStateException: the record has no event time, which a"
                                + " window needs: add"
                                + " \\.assignTimestampsAndWatermarks\\(WatermarkStrategy\\.<\\.\\.\\.>forMonotonousTimestamps\\(\\)\\.withTimestampAssigner\\(\\(record,"
                                + " time\\) -> \\.\\.\\.\\)\\) before keyBy, on record"
                                + " Amount\\[key=a, amount=1]");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is the point
    void nullKey_isRefused() {
        try (OperatorHarness<Amount, Total> harness =
                OperatorHarness.of(
                        Amount.class,
                        in ->
                                in.keyBy(amount -> amount.amount() < 0 ? null : amount.key())
                                        .window(WINDOWS)
                                        .process(new Counting()))) {
            harness.processElement(new Amount("a", 1), 1);
            assertThatThrownBy(() -> harness.processElement(new Amount("a", -1), 1))
                    .hasMessageContaining("the key is null; filter such records out before keyBy")
                    .hasMessageContaining("on record Amount[key=a, amount=-1]");
        }
    }

    /// Gives no result.
    static final class Nothing implements AggregateFunction<Amount, Long, Total> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Amount value, Long accumulator) {
            return accumulator + 1;
        }

        @Override
        @SuppressWarnings("NullAway")
        public Total getResult(Long accumulator) {
            return null;
        }

        @Override
        public Long merge(Long a, Long b) {
            return a + b;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void aggregateWithoutResult_isRefusedWhenTheWindowFires_andGivesItsMemoryBack(
            StateBackend backend) {
        try (OperatorHarness<Amount, Total> harness =
                OperatorHarness.<Amount, Total>of(
                                Amount.class,
                                in ->
                                        in.keyBy(Amount::key)
                                                .window(WINDOWS)
                                                .aggregate(new Nothing()))
                        .withBackend(backend)) {
            harness.processElement(new Amount("a", 1), 50);
            assertThatThrownBy(() -> harness.processWatermark(1_000))
                    .hasMessageContaining(
                            "getResult of the window's aggregate returned null; a stream holds no"
                                    + " nulls");
        }
    }
}
