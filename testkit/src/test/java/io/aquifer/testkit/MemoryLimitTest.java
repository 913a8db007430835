package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.windowing.TumblingEventTimeWindows;
import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Jobs that want more memory than they were given: what they are told, and that nothing of them
/// stays.
@ExtendWith(LeakGuard.class)
@Timeout(120)
class MemoryLimitTest {
    /// Keeps every record, in one kind of state.
    static final class Hoarder extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        private final String kind;
        private transient ValueState<String> value;
        private transient ListState<String> list;
        private transient MapState<String, Long> map;

        Hoarder(String kind) {
            this.kind = kind;
        }

        @Override
        public void open() {
            value = getRuntimeContext().getState(new ValueStateDescriptor<>("hoard", String.class));
            list =
                    getRuntimeContext()
                            .getListState(new ListStateDescriptor<>("hoards", String.class));
            map =
                    getRuntimeContext()
                            .getMapState(
                                    new MapStateDescriptor<>(
                                            "hoard map", String.class, Long.class));
        }

        @Override
        public void processElement(Long record, Context<Long> ctx, Collector<Long> out) {
            String text = "h".repeat(500) + record;
            switch (kind) {
                case "value" -> value.update(text);
                case "growing value" ->
                        value.update((value.value() == null ? "" : value.value()) + text);
                case "list" -> list.add(text);
                default -> map.put(text, record);
            }
        }
    }

    /// A payload and a count of each key in one value.
    static final class PayloadCount extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;
        private static final String PAYLOAD = "p".repeat(200);

        private transient ValueState<String> value;

        @Override
        public void open() {
            value = getRuntimeContext().getState(new ValueStateDescriptor<>("count", String.class));
        }

        @Override
        public void processElement(Long record, Context<Long> ctx, Collector<Long> out) {
            String before = value.value();
            long count = before == null ? 1 : Long.parseLong(before.substring(200)) + 1;
            value.update(PAYLOAD + count);
            out.collect(count);
        }
    }

    private static StreamExecutionEnvironment environment(String memory, int parallelism) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory(memory);
        env.setParallelism(parallelism);
        return env;
    }

    @Test
    void managedStateThatOutgrowsMemory_goesToDiskAndTheCountsAreRight() throws Exception {
        StreamExecutionEnvironment env = environment("16", 1);
        long keys = 150_000;
        long[] sum = {0};
        // 33 MB of state.
        env.fromSequence(0, 2 * keys - 1)
                .keyBy(record -> record % keys)
                .process(new PayloadCount())
                .collect(count -> sum[0] += count);
        env.execute("counting");
        assertThat(sum[0]).isEqualTo(3 * keys);
    }

    @Test
    void managedWindowThatOutgrowsMemory_goesToDiskAndFiresWhole() throws Exception {
        StreamExecutionEnvironment env = environment("16", 1);
        long keys = 600_000;
        long[] sum = new long[2];
        env.fromSequence(0, 2 * keys - 1)
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Long>forMonotonousTimestamps()
                                .withTimestampAssigner((record, time) -> record))
                .keyBy(record -> record % keys)
                .window(TumblingEventTimeWindows.of(Duration.ofDays(1)))
                .reduce(Long::sum)
                .collect(
                        record -> {
                            sum[0] += record;
                            sum[1]++;
                        });
        env.execute("one window");
        assertThat(sum).containsExactly(keys * (2 * keys - 1), keys);
    }

    @ParameterizedTest
    @ValueSource(strings = {"value", "growing value", "list", "map"})
    void heapStateThatGrowsWithoutEnd_failsTheJobWithTheHolderAndTheRemedy(String kind) {
        StreamExecutionEnvironment env =
                environment("16", 1).setStateBackend(new HashMapStateBackend());
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        long keys = kind.equals("value") ? Long.MAX_VALUE : 50;
        // Without a limit, 200 MB.
        env.fromSequence(1, 400_000)
                .keyBy(record -> record % keys)
                .process(new Hoarder(kind))
                .sinkTo(sink);
        String state = kind.equals("list") ? "hoards" : kind.equals("map") ? "hoard map" : "hoard";
        String owner = "hoarding / keyed process -> out \\(1/1\\) / keyed process / " + state;
        assertThatThrownBy(() -> env.execute("hoarding"))
                .hasRootCauseInstanceOf(MemoryExhaustedException.class)
                .message()
                .matches(
                        "(?s)job 'hoarding' failed: operator 'keyed process'"
                                + " \\(MemoryLimitTest\\.java:\\d+\\), subtask 1/1: cannot allocate"
                                + " \\S+ \\S+.* for '"
                                + owner
                                + "': pool 'managed-heap' has \\S+ \\S+ of \\S+ MiB free.*\\.\n"
                                + "Largest holders: '"
                                + owner
                                + "' .*\n"
                                + "Raise --memory or env\\.setMemory \\(now 16\\.0 MiB; this"
                                + " request needs about .*\\)\\., on record \\d+");
        assertThat(sink.aborted).hasValue(1);
        assertThat(sink.committed).isEmpty();
    }

    @Test
    void heapWindowThatNeverFires_failsTheJobWhenMemoryIsUsedUp() {
        StreamExecutionEnvironment env =
                environment("16", 1).setStateBackend(new HashMapStateBackend());
        env.fromSequence(1, 4_000_000)
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Long>forMonotonousTimestamps()
                                .withTimestampAssigner((record, time) -> record))
                .keyBy(record -> record)
                .window(TumblingEventTimeWindows.of(Duration.ofDays(1)))
                .reduce(Long::sum)
                .collect(record -> {});
        assertThatThrownBy(() -> env.execute("one window"))
                .hasMessageContaining("operator 'window' (MemoryLimitTest.java:")
                .hasMessageContaining("cannot allocate")
                .hasMessageContaining("Raise --memory or env.setMemory (now 16.0 MiB")
                .hasMessageContaining("on record ");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void largeValues_areChargedByTheirSize(StateBackend backend) {
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.keyed(new Hoarder("value"), record -> record, Long.class)
                        .withBackend(backend)) {
            for (long key = 0; key < 2_000; key++) {
                harness.processElement(key);
            }
            assertThat(harness.stateBytes()).isBetween(2_000L * 500, 2_000L * 2_000);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void valuesThatGrow_areChargedByTheirSizeNow(StateBackend backend) {
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.keyed(
                                new Hoarder("growing value"), record -> record % 10, Long.class)
                        .withBackend(backend)) {
            for (long record = 0; record < 10_000; record++) {
                harness.processElement(record);
            }
            // Ten values of half a megabyte each.
            assertThat(harness.stateBytes()).isBetween(5_000_000L, 16_000_000L);
        }
    }

    @Test
    void tooManyChannels_isRefusedAtTheStartWithTheFigures() {
        StreamExecutionEnvironment env = environment("16", 40);
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        env.fromSequence(1, 9).keyBy(record -> record).reduce(Long::sum).sinkTo(sink);
        assertThatThrownBy(() -> env.execute("wide"))
                .message()
                .matches(
                        "job 'wide' did not start: (IllegalStateException: )?the job needs 1600"
                            + " channels of at least 2 pages \\(100(\\.0)? MiB\\) of network"
                            + " memory, and .* of 4(\\.00?)? MiB is free\\. Lower the parallelism,"
                            + " or give more memory\\.");
        assertThat(sink.aborted).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"15", "1m", "0"})
    void lessThanTheLeast_isRefusedWithWhatToWrite(String memory) {
        StreamExecutionEnvironment env = environment(memory, 1);
        env.fromSequence(1, 9).print();
        assertThatThrownBy(() -> env.execute("tiny"))
                .hasMessageContaining("job 'tiny' did not start: ");
    }

    private static volatile CountDownLatch go = new CountDownLatch(1);

    @Test
    void secondJob_thatAsksForMoreWhileOneRuns_isRefusedAndTheFirstGoesOn() throws Exception {
        go = new CountDownLatch(1);
        StreamExecutionEnvironment first = environment("32", 1);
        long[] sum = {0};
        first.fromSequence(1, 1_000)
                .map(
                        record -> {
                            go.await();
                            return record;
                        })
                .collect(record -> sum[0] += record);
        JobClient running = first.executeAsync("first");
        StreamExecutionEnvironment second = environment("64", 1);
        second.fromSequence(1, 9).print();
        Throwable thrown = catchThrowable(() -> second.execute("second"));
        go.countDown();
        running.getResult();
        assertThat(sum[0]).isEqualTo(500_500);
        assertThat(thrown)
                .hasMessage(
                        "job 'second' did not start: setMemory asks for 64.0 MiB, but this JVM's"
                            + " budget is 32.0 MiB and 1 job(s) run in it. Let them end first, or"
                            + " give the first job's setMemory the larger size.");
    }
}
