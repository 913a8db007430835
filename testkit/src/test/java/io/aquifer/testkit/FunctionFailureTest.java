package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.DataStream;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.MapFunction;
import io.aquifer.api.functions.ProcessFunction;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.functions.RichMapFunction;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.windowing.TimeWindow;
import io.aquifer.api.windowing.TumblingEventTimeWindows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/// A function of the user's fails at one record, in each kind of operator.
///
/// Goal: the message has job, operator, line, subtask, cause and record; sinks are aborted and
/// nothing is left.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class FunctionFailureTest {
    private static final long BAD = 777;
    private static final TumblingEventTimeWindows WINDOWS =
            TumblingEventTimeWindows.of(Duration.ofMillis(100));

    private static <T> T check(long number, T result) {
        if (number == BAD) {
            throw new IllegalStateException("bad luck");
        }
        return result;
    }

    static final class FailingProcess extends ProcessFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context ctx, Collector<Long> out) {
            out.collect(check(value, value));
        }
    }

    static final class FailingKeyedProcess extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context<Long> ctx, Collector<Long> out) {
            out.collect(check(value, value));
        }
    }

    static final class FailingTimer extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context<Long> ctx, Collector<Long> out) {
            ctx.timerService().registerEventTimeTimer(value);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext<Long> ctx, Collector<Long> out) {
            check(timestamp, timestamp);
        }
    }

    static final class FailingAggregate implements AggregateFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        private final boolean inResult;

        FailingAggregate(boolean inResult) {
            this.inResult = inResult;
        }

        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Long value, Long accumulator) {
            return inResult ? Math.max(value, accumulator) : check(value, accumulator);
        }

        @Override
        public Long getResult(Long accumulator) {
            return check(accumulator, accumulator);
        }

        @Override
        public Long merge(Long a, Long b) {
            return a + b;
        }
    }

    static final class FailingWindow extends ProcessWindowFunction<Long, Long, Long, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(
                Long key, Context<TimeWindow> ctx, Iterable<Long> elements, Collector<Long> out) {
            for (Long element : elements) {
                out.collect(check(element, element));
            }
        }
    }

    static final class FailingOpen extends RichMapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void open() {
            throw new IllegalStateException("bad luck");
        }

        @Override
        public Long map(Long value) {
            return value;
        }
    }

    static final class FailingClose extends RichMapFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long map(Long value) {
            return value;
        }

        @Override
        public void close() {
            throw new IllegalStateException("bad luck");
        }
    }

    private static DataStream<Long> timed(DataStream<Long> stream) {
        return stream.assignTimestampsAndWatermarks(
                WatermarkStrategy.<Long>forMonotonousTimestamps()
                        .withTimestampAssigner((value, time) -> value));
    }

    static Stream<Arguments> kinds() {
        Map<String, Function<DataStream<Long>, DataStream<Long>>> kinds = new LinkedHashMap<>();
        kinds.put("'map'|record", in -> in.map(value -> check(value, value)));
        kinds.put("'filter'|record", in -> in.filter(value -> check(value, true)));
        kinds.put(
                "'flat map'|record",
                in ->
                        in.<Long>flatMap((value, out) -> out.collect(check(value, value)))
                                .returns(Long.class));
        kinds.put("'process'|record", in -> in.process(new FailingProcess()));
        kinds.put(
                "'my map'|record",
                in -> in.rebalance().map(value -> check(value, value)).name("my map"));
        kinds.put(
                "keyBy|record", in -> in.keyBy(value -> check(value, value % 3)).reduce(Long::sum));
        kinds.put("'reduce'|any", in -> in.keyBy(value -> 1L).reduce((a, b) -> check(b, a)));
        kinds.put(
                "'keyed process'|record",
                in -> in.keyBy(value -> value % 3).process(new FailingKeyedProcess()));
        kinds.put(
                "'keyed process'|none",
                in -> timed(in).keyBy(value -> value % 3).process(new FailingTimer()));
        kinds.put(
                "'aggregate'|record",
                in -> in.keyBy(value -> value % 3).aggregate(new FailingAggregate(false)));
        kinds.put(
                "'window'|record",
                in ->
                        timed(in)
                                .keyBy(value -> 1L)
                                .window(WINDOWS)
                                .aggregate(new FailingAggregate(false)));
        kinds.put(
                "'window'|none",
                in ->
                        timed(in)
                                .keyBy(value -> value)
                                .window(WINDOWS)
                                .aggregate(new FailingAggregate(true)));
        kinds.put(
                "'window' |none",
                in ->
                        timed(in)
                                .keyBy(value -> value % 5)
                                .window(WINDOWS)
                                .process(new FailingWindow()));
        kinds.put(
                "'window'|any",
                in -> timed(in).keyBy(value -> 1L).window(WINDOWS).reduce((a, b) -> check(b, a)));
        kinds.put(
                "'timestamps'|record",
                in ->
                        in.assignTimestampsAndWatermarks(
                                WatermarkStrategy.<Long>forMonotonousTimestamps()
                                        .withTimestampAssigner(
                                                (value, time) -> check(value, value))));
        kinds.put("'map' |none", in -> in.map(new FailingOpen()));
        kinds.put("'map'  |none", in -> in.map(new FailingClose()));
        return Cases.backends()
                .flatMap(
                        backend ->
                                kinds.entrySet().stream()
                                        .map(
                                                kind ->
                                                        Arguments.of(
                                                                kind.getKey(),
                                                                kind.getValue(),
                                                                backend)));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("kinds")
    void function_thatThrows_failsTheJobWithItsPlaceCauseAndRecord(
            String kind,
            Function<DataStream<Long>, DataStream<Long>> operator,
            StateBackend backend) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(2);
        env.setStateBackend(backend);
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        operator.apply(env.fromSequence(0, 5_000)).sinkTo(sink);
        String name = kind.substring(0, kind.indexOf('|')).trim();
        String place =
                name.equals("keyBy")
                        ? "keyBy \\(FunctionFailureTest\\.java:\\d+\\)"
                        : "operator " + name + " \\(FunctionFailureTest\\.java:\\d+\\)";
        String record =
                switch (kind.substring(kind.indexOf('|') + 1)) {
                    case "record" -> ", on record 777";
                    case "any" -> ", on record \\d+";
                    default -> "";
                };
        assertThatThrownBy(() -> env.execute("failing"))
                .message()
                .matches(
                        "job 'failing' failed: "
                                + place
                                + ", subtask [12]/2: IllegalStateException: bad luck"
                                + record);
        assertThat(sink.aborted).hasValue(1);
        assertThat(sink.committed).isEmpty();
        assertThat(sink.openWriters).hasValue(0);
    }

    private static StreamExecutionEnvironment small() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(1);
        return env;
    }

    @Test
    @SuppressWarnings("NullAway") // null is the point
    void mapThatReturnsNull_isAnError() {
        StreamExecutionEnvironment env = small();
        env.fromSequence(1, 9).map(value -> value == 5 ? null : value).collect(value -> {});
        assertThatThrownBy(() -> env.execute("nulls"))
                .message()
                .matches(
                        "job 'nulls' failed: operator 'map' \\(FunctionFailureTest\\.java:\\d+\\),"
                                + " subtask 1/1: NullPointerException: map returned null; a stream"
                                + " holds no nulls: use flatMap to drop a record, on record 5");
    }

    @Test
    @SuppressWarnings("NullAway") // null is the point
    void reduceThatReturnsNull_isAnError() {
        StreamExecutionEnvironment env = small();
        env.fromSequence(1, 9)
                .keyBy(value -> 1L)
                .reduce((a, b) -> b == 5 ? null : b)
                .collect(value -> {});
        assertThatThrownBy(() -> env.execute("nulls"))
                .hasMessageContaining("operator 'reduce' (FunctionFailureTest.java:")
                .hasMessageContaining("reduce returned null; a stream holds no nulls, on record 5");
    }

    @Test
    @SuppressWarnings("NullAway") // null is the point
    void nullKey_namesTheKeyBy() {
        StreamExecutionEnvironment env = small();
        env.fromSequence(1, 9)
                .keyBy(value -> value == 5 ? null : value)
                .reduce(Long::sum)
                .collect(value -> {});
        assertThatThrownBy(() -> env.execute("null key"))
                .message()
                .matches(
                        "job 'null key' failed: keyBy \\(FunctionFailureTest\\.java:\\d+\\),"
                                + " subtask 1/1: NullPointerException: the key is null; filter such"
                                + " records out before, or use a key for them, on record 5");
    }

    @Test
    void arrayAsKey_isRefused() {
        StreamExecutionEnvironment env = small();
        env.fromSequence(1, 9)
                .keyBy(value -> new byte[] {value.byteValue()})
                .reduce(Long::sum)
                .collect(value -> {});
        assertThatThrownBy(() -> env.execute("array key"))
                .hasMessageContaining("'reduce' (FunctionFailureTest.java:")
                .hasMessageContaining(
                        "gives keys of type byte[], and an array equals nothing but itself");
    }

    @Test
    void unknownKeyType_isAnErrorWithBothLines() {
        StreamExecutionEnvironment env = small();
        env.fromSequence(1, 9)
                .keyBy(value -> List.of(value))
                .reduce(Long::sum)
                .collect(value -> {});
        assertThatThrownBy(() -> env.execute("key type"))
                .message()
                .matches(
                        "job 'key type' failed: IllegalArgumentException: 'reduce'"
                            + " \\(FunctionFailureTest\\.java:\\d+\\): the type of its key, keyBy"
                            + " at FunctionFailureTest\\.java:\\d+, cannot be seen, because Java"
                            + " erases it\\. Add .*");
    }

    @Test
    void captureThatIsNotSerializable_isNamedWithTheLine() {
        StreamExecutionEnvironment env = small();
        Object lock = new Object();
        MapFunction<Long, Long> function = value -> value + (lock == null ? 1 : 0);
        env.fromSequence(1, 9).map(function).collect(value -> {});
        assertThatThrownBy(() -> env.execute("capture"))
                .message()
                .matches(
                        "job 'capture' failed: IllegalArgumentException: the function of 'map'"
                            + " \\(FunctionFailureTest\\.java:\\d+\\) cannot be copied for each"
                            + " subtask: it holds a java\\.lang\\.Object, which is not"
                            + " serializable\\. Make it in open\\(\\) of a Rich function, or let"
                            + " its class implement java\\.io\\.Serializable\\.");
    }

    @Test
    void windowWithoutTimestamps_isAnErrorWithTheCallToAdd() {
        StreamExecutionEnvironment env = small();
        env.fromSequence(1, 9)
                .keyBy(value -> 1L)
                .window(WINDOWS)
                .reduce(Long::sum)
                .collect(value -> {});
        assertThatThrownBy(() -> env.execute("no time"))
                .hasMessageContaining("operator 'window' (FunctionFailureTest.java:")
                .hasMessageContaining(
                        "the record has no event time, which a window needs: add"
                                + " .assignTimestampsAndWatermarks(")
                .hasMessageContaining("on record 1");
    }

    @Test
    void recordThatPrintsLongOrNotAtAll_isCutOrNamed() {
        StreamExecutionEnvironment env = small();
        env.fromData("x".repeat(5_000)).map(text -> check(BAD, text)).collect(text -> {});
        assertThatThrownBy(() -> env.execute("long"))
                .message()
                .endsWith("on record " + "x".repeat(200) + "...");
    }

    @Test
    void sameEnvironment_runAgainAfterAFailure_succeeds() throws Exception {
        StreamExecutionEnvironment env = small();
        boolean[] fail = {true};
        long[] count = {0};
        env.fromSequence(1, 1_000)
                .keyBy(value -> value % 7)
                .reduce(Long::sum)
                .collect(
                        value -> {
                            count[0]++;
                            if (fail[0] && count[0] == 500) {
                                throw new IllegalStateException("first run");
                            }
                        });
        assertThatThrownBy(() -> env.execute("twice"))
                .hasMessageContaining("IllegalStateException: first run, on record");
        fail[0] = false;
        count[0] = 0;
        env.execute("twice");
        assertThat(count[0]).isEqualTo(1_000);
    }
}
