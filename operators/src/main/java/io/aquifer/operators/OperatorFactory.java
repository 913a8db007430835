package io.aquifer.operators;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.FilterFunction;
import io.aquifer.api.functions.FlatMapFunction;
import io.aquifer.api.functions.Function;
import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.MapFunction;
import io.aquifer.api.functions.ProcessFunction;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.Partitioning;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.windowing.TimeWindow;

import org.jspecify.annotations.Nullable;

/// Makes the operator that an [Operation] describes. Sources are the host's own; every other
/// operation is made here.
///
/// Types were checked when the graph was built with the API's generic methods; here they are taken
/// as given.
@SuppressWarnings({"unchecked", "rawtypes"})
public final class OperatorFactory {
    private OperatorFactory() {}

    /// Makes the operator of one subtask, with copies of the user's functions.
    ///
    /// @throws IllegalArgumentException when a type is missing or a function cannot be copied; the
    ///   message has the line
    public static StreamOperator<Object> create(OperatorContext context) {
        StreamOperator operator =
                switch (context.node().operation()) {
                    case Operation.Read read ->
                            throw new IllegalArgumentException(
                                    "a source is read by its host: " + read.source().name());
                    case Operation.Map map ->
                            new FunctionOperator.Mapping<>((MapFunction) map.function(), context);
                    case Operation.Filter filter ->
                            new FunctionOperator.Filtering<>(
                                    (FilterFunction) filter.function(), context);
                    case Operation.FlatMap flatMap ->
                            new FunctionOperator.FlatMapping<>(
                                    (FlatMapFunction) flatMap.function(), context);
                    case Operation.Process process ->
                            new FunctionOperator.Processing<>(
                                    (ProcessFunction) process.function(), context);
                    case Operation.AssignTimestamps assign ->
                            new TimestampOperator<>(assign.watermarks(), context);
                    case Operation.KeyedProcess process ->
                            new KeyedProcessOperator<>(
                                    keySelector(context),
                                    (KeyedProcessFunction) process.function(),
                                    context);
                    case Operation.Reduce reduce ->
                            new KeyedReduceOperator<>(
                                    keySelector(context),
                                    (ReduceFunction) reduce.function(),
                                    (TypeInformation)
                                            known(
                                                    reduce.valueType(),
                                                    "the type of its records",
                                                    context),
                                    context);
                    case Operation.Aggregate aggregate ->
                            new KeyedAggregateOperator<>(
                                    keySelector(context),
                                    (AggregateFunction) aggregate.function(),
                                    (TypeInformation)
                                            known(
                                                    aggregate.accumulatorType(),
                                                    "the type of its accumulator",
                                                    context),
                                    context);
                    case Operation.Window window -> window(window, context);
                    case Operation.Write write -> new SinkOperator<>(write.sink(), context);
                };
        return operator;
    }

    /// A copy of a function for one subtask, as hosts need for the functions they call themselves.
    public static <F extends Function> F copyOf(F function, StreamNode node) {
        return FunctionCopy.of(function, node);
    }

    private static StreamOperator window(Operation.Window window, OperatorContext context) {
        WindowContentsState contents =
                switch (window.contents()) {
                    case Operation.WindowContents.Aggregated aggregated ->
                            new WindowContentsState.Aggregated<>(
                                    (AggregateFunction) aggregated.function(),
                                    (TypeInformation)
                                            known(
                                                    aggregated.accumulatorType(),
                                                    "the type of its accumulator",
                                                    context),
                                    context);
                    case Operation.WindowContents.Reduced reduced ->
                            new WindowContentsState.Reduced<>(
                                    (ReduceFunction) reduced.function(),
                                    (TypeInformation)
                                            known(
                                                    reduced.valueType(),
                                                    "the type of its records",
                                                    context),
                                    context);
                    case Operation.WindowContents.Elements elements ->
                            new WindowContentsState.Elements<>(
                                    (TypeInformation)
                                            known(
                                                    elements.elementType(),
                                                    "the type of its records",
                                                    context),
                                    context);
                };
        return new WindowOperator<>(
                keySelector(context),
                window.assigner(),
                contents,
                (ProcessWindowFunction<Object, Object, Object, TimeWindow>) window.process(),
                window.lateTag(),
                context);
    }

    private static KeySelector<Object, Object> keySelector(OperatorContext context) {
        if (context.node().inputs().getFirst().partitioning() instanceof Partitioning.Hash hash) {
            return (KeySelector<Object, Object>) hash.keySelector();
        }
        throw new IllegalArgumentException(context.node() + " needs keyBy(...) before it");
    }

    private static TypeInformation<?> known(
            @Nullable TypeInformation<?> type, String what, OperatorContext context) {
        if (type == null) {
            throw unknownType(context.node(), what);
        }
        return type;
    }

    /// The error for a type that Java's erasure hides, with the line to write.
    public static IllegalArgumentException unknownType(StreamNode node, String what) {
        return new IllegalArgumentException(
                node
                        + ": "
                        + what
                        + " cannot be seen, because Java erases it. Add .returns(MyRecord.class)"
                        + " after the operator that makes the records, or .returns(new"
                        + " TypeHint<List<String>>() {}) for generic types, or write the function"
                        + " as a class instead of a lambda.");
    }
}
