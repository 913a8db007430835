package io.aquifer.operators;

import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;

/// Reduces each record into its key's value and emits the new value.
final class KeyedReduceOperator<K, T> implements StreamOperator<T> {
    private final Output output;
    private final KeySelector<T, K> keySelector;
    private final ReduceFunction<T> function;
    private final KeyedContext<K> keyed;
    private final UpcomingKeys<T, K> upcoming;
    private final ValueState<T> values;

    KeyedReduceOperator(
            KeySelector<T, K> keySelector,
            ReduceFunction<T> function,
            TypeInformation<T> type,
            OperatorContext context) {
        this.output = context.output();
        this.keySelector = FunctionCopy.of(keySelector, context.node());
        this.function = FunctionCopy.of(function, context.node());
        this.keyed = context.keyed();
        this.upcoming = new UpcomingKeys<>(this.keySelector, keyed);
        this.values = keyed.runtimeContext().getState(new ValueStateDescriptor<>("value", type));
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
    public void processElement(T value, long timestamp) throws Exception {
        keyed.setCurrentKey(keySelector.getKey(value));
        T before = values.value();
        T after = before == null ? value : function.reduce(before, value);
        if (after == null) {
            throw new NullPointerException("reduce returned null; a stream holds no nulls");
        }
        values.update(after);
        output.collect((Object) after, timestamp);
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
