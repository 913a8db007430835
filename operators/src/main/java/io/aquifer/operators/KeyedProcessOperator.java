package io.aquifer.operators;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.KeySelector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.TimeDomain;
import io.aquifer.api.functions.TimerService;

import org.jspecify.annotations.Nullable;

/// Runs a [KeyedProcessFunction].
final class KeyedProcessOperator<K, IN, OUT>
        implements StreamOperator<IN>, KeyedProcessFunction.OnTimerContext<K> {
    private final Output output;
    private final KeySelector<IN, K> keySelector;
    private final KeyedProcessFunction<K, IN, OUT> function;
    private final TimestampedCollector<OUT> collector;
    private final KeyedContext<K> keyed;
    private final UpcomingKeys<IN, K> upcoming;
    private final KeyedTimers timers;
    private TimeDomain domain = TimeDomain.EVENT_TIME;

    KeyedProcessOperator(
            KeySelector<IN, K> keySelector,
            KeyedProcessFunction<K, IN, OUT> function,
            OperatorContext context) {
        this.output = context.output();
        this.keySelector = FunctionCopy.of(keySelector, context.node());
        this.function = FunctionCopy.of(function, context.node());
        this.collector = new TimestampedCollector<>(output);
        this.keyed = context.keyed();
        this.upcoming = new UpcomingKeys<>(this.keySelector, keyed);
        this.timers = keyed.timers(this::onTimer);
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
        collector.timestamp = timestamp;
        function.processElement(value, this, collector);
    }

    private void onTimer(K key, long time, TimeDomain timeDomain) throws Exception {
        collector.timestamp = timeDomain == TimeDomain.EVENT_TIME ? time : NO_TIMESTAMP;
        domain = timeDomain;
        function.onTimer(time, this, collector);
    }

    @Override
    public void processWatermark(long watermark) throws Exception {
        timers.advanceWatermark(watermark);
        output.watermark(watermark);
    }

    @Override
    public void close() throws Exception {
        FunctionCopy.close(function);
    }

    @Override
    public @Nullable Long timestamp() {
        return collector.timestampOrNull();
    }

    @Override
    public TimerService timerService() {
        return timers;
    }

    @Override
    public K getCurrentKey() {
        return keyed.currentKey();
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value) {
        output.collect(tag, TimestampedCollector.present(tag, value), collector.timestamp);
    }

    @Override
    public TimeDomain timeDomain() {
        return domain;
    }
}
