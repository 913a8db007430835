package io.aquifer.benchmarks.memory;

import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

/// As [CountKeys], with a value of a hundred characters.
final class CountPadded extends KeyedProcessFunction<Long, Long, Long> {
    private static final long serialVersionUID = 1L;
    private static final int DIGITS = 10;
    private static final String PADDING = ".".repeat(90);

    @SuppressWarnings("NullAway.Init") // set by open, which the engine calls first
    private transient ValueState<String> count;

    @Override
    public void open() {
        count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", String.class));
    }

    @Override
    public void processElement(Long key, Context<Long> context, Collector<Long> out) {
        String before = count.value();
        long now = before == null ? 1 : Long.parseLong(before, 0, DIGITS, 10) + 1;
        String digits = Long.toString(now);
        count.update("0".repeat(DIGITS - digits.length()) + digits + PADDING);
        out.collect(now);
    }
}
