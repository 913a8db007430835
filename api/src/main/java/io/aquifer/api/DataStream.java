package io.aquifer.api;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.FilterFunction;
import io.aquifer.api.functions.FlatMapFunction;
import io.aquifer.api.functions.Function;
import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.functions.MapFunction;
import io.aquifer.api.functions.ProcessFunction;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.graph.SourceLocation;
import io.aquifer.api.graph.StreamInput;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeExtractor;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A stream of records of one type, and what can be done with it. Describes the job; nothing runs
/// before [StreamExecutionEnvironment#execute].
///
/// Output types are inferred from the functions. Where Java has erased one, and it is needed - to
/// cross to another subtask or to be kept as state - `execute` says at which line to add
/// [SingleOutputStreamOperator#returns].
public class DataStream<T> {
    final StreamExecutionEnvironment env;
    final List<StreamInput> inputs;

    DataStream(StreamExecutionEnvironment env, List<StreamInput> inputs) {
        this.env = env;
        this.inputs = List.copyOf(inputs);
    }

    /// The type of the records, or null when it could not be inferred.
    @SuppressWarnings("unchecked")
    public final @Nullable TypeInformation<T> getType() {
        StreamInput first = inputs.getFirst();
        return (TypeInformation<T>)
                (first.tag() == null ? first.from().outputType() : first.tag().getTypeInfo());
    }

    public <R> SingleOutputStreamOperator<R> map(MapFunction<T, R> function) {
        return then("map", new Operation.Map(function), outputOf(function, MapFunction.class, 1));
    }

    public SingleOutputStreamOperator<T> filter(FilterFunction<T> function) {
        return then("filter", new Operation.Filter(function), getType());
    }

    public <R> SingleOutputStreamOperator<R> flatMap(FlatMapFunction<T, R> function) {
        return then(
                "flat map",
                new Operation.FlatMap(function),
                outputOf(function, FlatMapFunction.class, 1));
    }

    public <R> SingleOutputStreamOperator<R> process(ProcessFunction<T, R> function) {
        return then(
                "process",
                new Operation.Process(function),
                outputOf(function, ProcessFunction.class, 1));
    }

    /// Gives records their event time and the stream its watermarks; earlier watermarks are
    /// dropped, but for the last.
    ///
    /// Given to [StreamExecutionEnvironment#fromSource] instead, the strategy works split by split,
    /// which is safer where a subtask reads several files.
    public SingleOutputStreamOperator<T> assignTimestampsAndWatermarks(
            WatermarkStrategy<T> strategy) {
        return then("timestamps", new Operation.AssignTimestamps(strategy), getType());
    }

    public <K> KeyedStream<T, K> keyBy(KeySelector<T, K> keySelector) {
        return keyBy(keySelector, outputOf(keySelector, KeySelector.class, 1));
    }

    public <K> KeyedStream<T, K> keyBy(
            KeySelector<T, K> keySelector, @Nullable TypeInformation<K> keyType) {
        return new KeyedStream<>(
                this, new Partitioning.Hash(keySelector, keyType, SourceLocation.ofCaller()));
    }

    /// The records of all streams, in no particular order between them.
    @SafeVarargs
    public final DataStream<T> union(DataStream<T>... streams) {
        List<StreamInput> all = new ArrayList<>(inputs);
        for (DataStream<T> stream : streams) {
            if (stream.env != env) {
                throw new IllegalArgumentException("union of streams of two environments");
            }
            all.addAll(stream.inputs);
        }
        return new DataStream<>(env, all);
    }

    /// Spreads records evenly over the subtasks of the next operator.
    public DataStream<T> rebalance() {
        return partitioned(new Partitioning.Rebalance());
    }

    /// Sends all records to the first subtask of the next operator.
    public DataStream<T> global() {
        return partitioned(new Partitioning.Global());
    }

    /// Sends every record to every subtask of the next operator.
    public DataStream<T> broadcast() {
        return partitioned(new Partitioning.Broadcast());
    }

    /// Writes to a sink.
    public DataStreamSink<T> sinkTo(Sink<T> sink) {
        return new DataStreamSink<>(then(sink.name(), new Operation.Write(sink), getType()).node());
    }

    /// Writes each record's text to standard output, after `1> ` and so on where several subtasks
    /// print.
    public DataStreamSink<T> print() {
        return sinkTo(new PrintSink<>(""));
    }

    /// As [#print()], with `prefix> ` before each line.
    public DataStreamSink<T> print(String prefix) {
        return sinkTo(new PrintSink<>(prefix));
    }

    /// Hands each record to `consumer`, in a single thread, while the job runs.
    public DataStreamSink<T> collect(Consumer<? super T> consumer) {
        DataStreamSink<T> sink = global().sinkTo(new ConsumerSink<>(consumer));
        sink.setParallelism(1);
        return sink;
    }

    /// Runs the job and returns its results as they come; the job waits when they are not taken.
    /// Close the iterator when not all of them are wanted.
    public CloseableIterator<T> executeAndCollect(String jobName) {
        ResultIterator<T> results = new ResultIterator<>();
        DataStreamSink<T> sink = collect(results::offer);
        try {
            results.start(env.executeAsync(jobName));
        } finally {
            // The next job of this environment must not wait for this one's results to be taken.
            env.remove(sink.node());
        }
        return results;
    }

    public CloseableIterator<T> executeAndCollect() {
        return executeAndCollect("collect");
    }

    final <R> SingleOutputStreamOperator<R> then(
            String name, Operation operation, @Nullable TypeInformation<R> type) {
        return new SingleOutputStreamOperator<>(env, env.add(name, operation, inputs, type));
    }

    final DataStream<T> partitioned(Partitioning partitioning) {
        return new DataStream<>(
                env,
                inputs.stream()
                        .map(in -> new StreamInput(in.from(), in.tag(), partitioning))
                        .toList());
    }

    @SuppressWarnings("unchecked")
    static <R> @Nullable TypeInformation<R> outputOf(
            Function function, Class<?> type, int parameter) {
        return (TypeInformation<R>) TypeExtractor.outputOf(function, type, parameter);
    }

    static List<StreamInput> forward(StreamNode node) {
        return List.of(new StreamInput(node, null, new Partitioning.Forward()));
    }
}
