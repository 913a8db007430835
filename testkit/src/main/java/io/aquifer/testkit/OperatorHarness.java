package io.aquifer.testkit;

import io.aquifer.api.DataStream;
import io.aquifer.api.OutputTag;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.StreamInput;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.types.TypeExtractor;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.HostedOperator;
import io.aquifer.memory.MemoryStatistics;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/// Runs one operator by hand: records, watermarks and processing time go in one by one, and what
/// comes out is kept. No thread, no exchange, no waiting.
///
/// The operator is the one a job would run, with its real state, timers, memory accounting and
/// messages.
///
/// ```java
/// try (OperatorHarness<Click, Long> harness =
///         OperatorHarness.of(Click.class, clicks -> clicks.keyBy(Click::user)
///                 .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
///                 .aggregate(new SumOfAmounts()))) {
///     harness.processElement(new Click("ann", 3), 1_000);
///     harness.processWatermark(9_999);
///     assertThat(harness.records()).containsExactly(TimedRecord.of(3L, 9_999));
///     assertThat(harness.heldBytes()).isZero();
/// }
/// ```
///
/// The operator is made at the first call that needs it, so `with...` comes before. [#close] fails
/// when the operator has not given its memory back. A failure of the operator is thrown as a job
/// would report it: operator, line, cause and record.
///
/// **Threads.** One at a time.
///
/// @param <IN> the records it takes
/// @param <OUT> the records it puts out
public final class OperatorHarness<IN, OUT> implements AutoCloseable {
    private static final String JOB = "harness";

    private final StreamExecutionEnvironment env;
    private final Outputs<OUT> outputs = new Outputs<>();
    private ManualClock clock = new ManualClock(0);
    private @Nullable HostedOperator operator;
    private boolean closed;

    private OperatorHarness(StreamExecutionEnvironment env) {
        this.env = env;
    }

    /// Hosts the one operator that `operator` puts after the stream it is given.
    ///
    /// @throws IllegalArgumentException when it puts none, or more than one
    public static <IN, OUT> OperatorHarness<IN, OUT> of(
            TypeInformation<IN> inputType,
            Function<DataStream<IN>, ? extends DataStream<OUT>> operator) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        DataStream<OUT> output = operator.apply(env.fromCollection(List.of(), inputType));
        requireOneOperator(env.graph(JOB), output);
        return new OperatorHarness<>(env);
    }

    /// As [#of(TypeInformation, Function)], for records of a class without type parameters.
    public static <IN, OUT> OperatorHarness<IN, OUT> of(
            Class<IN> inputType, Function<DataStream<IN>, ? extends DataStream<OUT>> operator) {
        return of(TypeInformation.of(inputType), operator);
    }

    /// Hosts a function after `keyBy`.
    public static <K, IN, OUT> OperatorHarness<IN, OUT> keyed(
            KeyedProcessFunction<K, IN, OUT> function,
            KeySelector<IN, K> keySelector,
            TypeInformation<K> keyType) {
        return of(
                inputOf(function), stream -> stream.keyBy(keySelector, keyType).process(function));
    }

    /// As [#keyed(KeyedProcessFunction, KeySelector, TypeInformation)], for keys of a class without
    /// type parameters.
    public static <K, IN, OUT> OperatorHarness<IN, OUT> keyed(
            KeyedProcessFunction<K, IN, OUT> function,
            KeySelector<IN, K> keySelector,
            Class<K> keyType) {
        return keyed(function, keySelector, TypeInformation.of(keyType));
    }

    /// The function's input type where it is known. Elsewhere any will do: nothing crosses an
    /// exchange.
    @SuppressWarnings("unchecked")
    private static <IN> TypeInformation<IN> inputOf(KeyedProcessFunction<?, IN, ?> function) {
        TypeInformation<?> known = TypeExtractor.outputOf(function, KeyedProcessFunction.class, 1);
        return (TypeInformation<IN>) (known == null ? TypeInformation.of(Object.class) : known);
    }

    private static void requireOneOperator(JobGraph graph, DataStream<?> output) {
        Objects.requireNonNull(output, "the operator given to a harness is null");
        List<StreamNode> nodes = graph.nodes();
        StreamNode source = nodes.getFirst();
        boolean one = nodes.size() == 2;
        for (StreamInput input : nodes.getLast().inputs()) {
            one &= input.from() == source;
        }
        if (!one) {
            throw new IllegalArgumentException(
                    "a harness hosts exactly one operator, but there are "
                            + (nodes.size() - 1)
                            + " after its input: "
                            + nodes.subList(1, nodes.size()));
        }
    }

    /// Keeps state in `backend` instead of managed memory.
    public OperatorHarness<IN, OUT> withBackend(StateBackend backend) {
        requireNotOpen();
        env.setStateBackend(backend);
        return this;
    }

    /// Sets the budget, as [StreamExecutionEnvironment#setMemory] does; without it, 64 MiB.
    public OperatorHarness<IN, OUT> withMemory(String size) {
        requireNotOpen();
        env.setMemory(size);
        return this;
    }

    /// Takes processing time from `newClock`, which otherwise starts at 0.
    public OperatorHarness<IN, OUT> withClock(ManualClock newClock) {
        requireNotOpen();
        clock = newClock;
        return this;
    }

    private void requireNotOpen() {
        if (operator != null || closed) {
            throw new IllegalStateException(
                    "the operator has been made already: call with...() before anything else");
        }
    }

    /// Makes the operator and calls its functions' `open`, which otherwise happens with the first
    /// record.
    public OperatorHarness<IN, OUT> open() {
        operator();
        return this;
    }

    private HostedOperator operator() {
        if (closed) {
            throw new IllegalStateException("the harness has been closed");
        }
        HostedOperator opened = operator;
        if (opened == null) {
            opened = HostedOperator.open(env.graph(JOB), clock, outputs);
            operator = opened;
        }
        return opened;
    }

    /// A record without event time comes in.
    public void processElement(IN value) {
        operator().processElement(value, TimedRecord.NO_TIMESTAMP);
    }

    /// @param timestamp event time in milliseconds
    public void processElement(IN value, long timestamp) {
        operator().processElement(value, timestamp);
    }

    public void processWatermark(long watermark) {
        operator().processWatermark(watermark);
    }

    /// Sets the clock and fires the processing-time timers that have come due.
    ///
    /// @param millis since the epoch, not before the present
    /// @return when the next timer is due, [Long#MAX_VALUE] when there is none
    public long setProcessingTime(long millis) {
        clock.set(millis);
        return operator().fireProcessingTimeTimers();
    }

    /// As [#setProcessingTime], from the present on.
    public long advanceProcessingTime(Duration duration) {
        clock.advance(duration);
        return operator().fireProcessingTimeTimers();
    }

    /// Ends the input: the last watermark, [Long#MAX_VALUE], and the operator's `finish`.
    public void finish() {
        operator().processWatermark(Long.MAX_VALUE);
        operator().finish();
    }

    public ManualClock clock() {
        return clock;
    }

    /// The main output so far, or since [#clearOutputs].
    public List<TimedRecord<OUT>> records() {
        return List.copyOf(outputs.main);
    }

    /// The values of [#records].
    public List<OUT> values() {
        return outputs.main.stream().map(TimedRecord::value).toList();
    }

    /// A side output so far, or since [#clearOutputs].
    @SuppressWarnings("unchecked")
    public <X> List<TimedRecord<X>> sideOutput(OutputTag<X> tag) {
        return outputs.side.stream()
                .filter(record -> record.tag().equals(tag))
                .map(record -> (TimedRecord<X>) record.record())
                .toList();
    }

    /// The watermarks passed on so far, or since [#clearOutputs].
    public List<Long> watermarks() {
        return List.copyOf(outputs.watermarks);
    }

    /// Forgets what has been put out.
    public void clearOutputs() {
        outputs.main.clear();
        outputs.side.clear();
        outputs.watermarks.clear();
    }

    /// Managed memory held by the operator's state, as the state counts it.
    public long stateBytes() {
        return operator().stateBytes();
    }

    /// All memory held by the operator, as the ledger counts it.
    public long heldBytes() {
        return operator().heldBytes();
    }

    /// The whole ledger of the operator's own memory manager.
    public MemoryStatistics memoryStatistics() {
        return operator().memoryStatistics();
    }

    /// The functions' counters by name.
    public Map<String, Long> counters() {
        return operator().counters();
    }

    /// What a sink's writer has returned from `finish`.
    public List<String> committables() {
        return operator().committables();
    }

    /// Closes the operator, without [#finish]. Closing again does nothing.
    ///
    /// @throws io.aquifer.memory.MemoryLeakException when the operator still held memory after that
    @Override
    public void close() {
        closed = true;
        HostedOperator opened = operator;
        if (opened != null) {
            opened.close();
        }
    }

    /// What the operator has put out.
    private static final class Outputs<OUT> implements HostedOperator.Receiver {
        private final List<TimedRecord<OUT>> main = new ArrayList<>();
        private final List<SideRecord> side = new ArrayList<>();
        private final List<Long> watermarks = new ArrayList<>();

        private record SideRecord(OutputTag<?> tag, TimedRecord<?> record) {}

        @Override
        @SuppressWarnings("unchecked")
        public void record(Object value, long timestamp) {
            main.add(new TimedRecord<>((OUT) value, timestamp));
        }

        @Override
        public void sideRecord(OutputTag<?> tag, Object value, long timestamp) {
            side.add(new SideRecord(tag, new TimedRecord<>(value, timestamp)));
        }

        @Override
        public void watermark(long watermark) {
            watermarks.add(watermark);
        }
    }
}
