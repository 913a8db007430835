package io.aquifer.api.graph;

import io.aquifer.api.OutputTag;
import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.Source;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.FilterFunction;
import io.aquifer.api.functions.FlatMapFunction;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.MapFunction;
import io.aquifer.api.functions.ProcessFunction;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.windowing.WindowAssigner;

import org.jspecify.annotations.Nullable;

/// What an operator does, described; `operators` makes the code that does it.
public sealed interface Operation {
    /// Operations whose state and timers belong to keys; their input is partitioned by
    /// [Partitioning.Hash].
    sealed interface Keyed extends Operation {}

    record Read(Source<?> source, WatermarkStrategy<?> watermarks) implements Operation {}

    record Map(MapFunction<?, ?> function) implements Operation {}

    record Filter(FilterFunction<?> function) implements Operation {}

    record FlatMap(FlatMapFunction<?, ?> function) implements Operation {}

    record Process(ProcessFunction<?, ?> function) implements Operation {}

    record AssignTimestamps(WatermarkStrategy<?> watermarks) implements Operation {}

    record KeyedProcess(KeyedProcessFunction<?, ?, ?> function) implements Keyed {}

    /// Emits the running result after each record.
    ///
    /// @param valueType null when it could not be inferred
    record Reduce(ReduceFunction<?> function, @Nullable TypeInformation<?> valueType)
            implements Keyed {}

    /// Emits the running result after each record.
    ///
    /// @param accumulatorType null when it could not be inferred
    record Aggregate(
            AggregateFunction<?, ?, ?> function, @Nullable TypeInformation<?> accumulatorType)
            implements Keyed {}

    /// Gathers records by key and window; fires when the watermark reaches the window's end.
    ///
    /// @param contents how a window's records are kept until it fires
    /// @param process turns the contents into records; null emits the contents' result as it is
    /// @param lateTag where records go that come after their window fired; null drops and counts
    ///   them
    record Window(
            WindowAssigner assigner,
            WindowContents contents,
            @Nullable ProcessWindowFunction<?, ?, ?, ?> process,
            @Nullable OutputTag<?> lateTag)
            implements Keyed {}

    record Write(Sink<?> sink) implements Operation {}

    /// How a window keeps its records. A null type could not be inferred.
    sealed interface WindowContents {
        record Aggregated(
                AggregateFunction<?, ?, ?> function, @Nullable TypeInformation<?> accumulatorType)
                implements WindowContents {}

        record Reduced(ReduceFunction<?> function, @Nullable TypeInformation<?> valueType)
                implements WindowContents {}

        record Elements(@Nullable TypeInformation<?> elementType) implements WindowContents {}
    }
}
