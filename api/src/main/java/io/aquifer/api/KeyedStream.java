package io.aquifer.api;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.windowing.WindowAssigner;

/// A stream divided by key: all records of a key meet in one subtask, where the key has its own
/// state and timers.
public final class KeyedStream<T, K> {
    private final DataStream<T> stream;

    KeyedStream(DataStream<T> stream, Partitioning.Hash hash) {
        this.stream = stream.partitioned(hash);
    }

    public <R> SingleOutputStreamOperator<R> process(KeyedProcessFunction<K, T, R> function) {
        return stream.then(
                "keyed process",
                new Operation.KeyedProcess(function),
                DataStream.outputOf(function, KeyedProcessFunction.class, 2));
    }

    /// Combines each record with the key's result so far, and emits the new result.
    public SingleOutputStreamOperator<T> reduce(ReduceFunction<T> function) {
        return reduce("reduce", function);
    }

    /// Adds each record to the key's accumulator, and emits the new result.
    public <ACC, R> SingleOutputStreamOperator<R> aggregate(AggregateFunction<T, ACC, R> function) {
        TypeInformation<ACC> accumulator =
                DataStream.outputOf(function, AggregateFunction.class, 1);
        return stream.then(
                "aggregate",
                new Operation.Aggregate(function, accumulator),
                DataStream.outputOf(function, AggregateFunction.class, 2));
    }

    /// Adds up a numeric component of records; the others keep the values of the key's first
    /// record.
    public SingleOutputStreamOperator<T> sum(String component) {
        return reduce("sum " + component, RecordReduce.sum(stream.getType(), component));
    }

    /// The smallest value of a component; the others keep the values of the key's first record.
    public SingleOutputStreamOperator<T> min(String component) {
        return reduce("min " + component, RecordReduce.min(stream.getType(), component));
    }

    /// The largest value of a component; the others keep the values of the key's first record.
    public SingleOutputStreamOperator<T> max(String component) {
        return reduce("max " + component, RecordReduce.max(stream.getType(), component));
    }

    /// The record with the smallest value of a component; the earlier of two equal ones.
    public SingleOutputStreamOperator<T> minBy(String component) {
        return reduce("min by " + component, RecordReduce.minBy(stream.getType(), component));
    }

    /// The record with the largest value of a component; the earlier of two equal ones.
    public SingleOutputStreamOperator<T> maxBy(String component) {
        return reduce("max by " + component, RecordReduce.maxBy(stream.getType(), component));
    }

    public WindowedStream<T, K> window(WindowAssigner assigner) {
        return new WindowedStream<>(stream, assigner, null);
    }

    private SingleOutputStreamOperator<T> reduce(String name, ReduceFunction<T> function) {
        return stream.then(
                name, new Operation.Reduce(function, stream.getType()), stream.getType());
    }
}
