package io.aquifer.api.functions;

import io.aquifer.api.OutputTag;

import org.jspecify.annotations.Nullable;

/// Sees each record of a key with that key's state and timers. Records and timers of one key never
/// run concurrently.
public abstract class KeyedProcessFunction<K, I, O> extends RichFunction {
    private static final long serialVersionUID = 1L;

    protected KeyedProcessFunction() {}

    public abstract void processElement(I value, Context<K> ctx, Collector<O> out) throws Exception;

    /// A timer of `ctx.getCurrentKey()` has come due. Records emitted here carry the timer's time.
    public void onTimer(long timestamp, OnTimerContext<K> ctx, Collector<O> out) throws Exception {}

    /// Valid during the call only.
    public interface Context<K> {
        /// The record's event time in milliseconds, or null when it has none.
        @Nullable Long timestamp();

        TimerService timerService();

        K getCurrentKey();

        <X> void output(OutputTag<X> tag, X value);
    }

    /// Valid during the call only.
    public interface OnTimerContext<K> extends Context<K> {
        TimeDomain timeDomain();
    }
}
