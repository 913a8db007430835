package io.aquifer.operators;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;

/// Adds each record to its key's accumulator and emits the new result.
final class KeyedAggregateOperator<K, IN, ACC, OUT> implements StreamOperator<IN> {
    private final Output output;
    private final KeySelector<IN, K> keySelector;
    private final AggregateFunction<IN, ACC, OUT> function;
    private final KeyedContext<K> keyed;
    private final UpcomingKeys<IN, K> upcoming;
    private final ValueState<ACC> accumulators;

    KeyedAggregateOperator(
            KeySelector<IN, K> keySelector,
            AggregateFunction<IN, ACC, OUT> function,
            TypeInformation<ACC> accumulatorType,
            OperatorContext context) {
        this.output = context.output();
        this.keySelector = FunctionCopy.of(keySelector, context.node());
        this.function = FunctionCopy.of(function, context.node());
        this.keyed = context.keyed();
        this.upcoming = new UpcomingKeys<>(this.keySelector, keyed);
        this.accumulators =
                keyed.runtimeContext()
                        .getState(new ValueStateDescriptor<>("accumulator", accumulatorType));
    }

    @Override
    public void open() throws Exception {
        FunctionCopy.open(function, keyed.runtimeContext());
    }

    @Override
    public void prepare(Object[] values, int count) {
        upcoming.announce(values, count);
    }

    @Override
    public void processElement(IN value, long timestamp) throws Exception {
        keyed.setCurrentKey(keySelector.getKey(value));
        ACC before = accumulators.value();
        ACC after = function.add(value, before == null ? function.createAccumulator() : before);
        accumulators.update(after);
        OUT result = function.getResult(after);
        if (result != null) {
            output.collect(result, timestamp);
        }
    }

    @Override
    public void processWatermark(long watermark) {
        output.watermark(watermark);
    }

    @Override
    public void close() throws Exception {
        FunctionCopy.close(function);
    }
}
