package io.aquifer.benchmarks.memory;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

/// Keeps one count a key and emits it for every record.
final class CountKeys extends KeyedProcessFunction<Long, Long, Long> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("NullAway.Init") // set by open, which the engine calls first
    private transient ValueState<Long> count;

    @Override
    public void open() {
        count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long key, Context<Long> context, Collector<Long> out) {
        Long before = count.value();
        long now = before == null ? 1 : before + 1;
        count.update(now);
        out.collect(now);
    }
}
