package io.aquifer.api.functions;

import io.aquifer.api.OutputTag;
import io.aquifer.api.windowing.TimeWindow;

/// Turns what a window gathered for one key into records, when the window fires.
///
/// With an [AggregateFunction] or [ReduceFunction] before it, `elements` holds exactly the one
/// result.
public abstract class ProcessWindowFunction<IN, OUT, KEY, W extends TimeWindow>
        extends RichFunction {
    private static final long serialVersionUID = 1L;

    protected ProcessWindowFunction() {}

    public abstract void process(KEY key, Context<W> ctx, Iterable<IN> elements, Collector<OUT> out)
            throws Exception;

    /// Valid during the call only.
    public interface Context<W extends TimeWindow> {
        W window();

        long currentWatermark();

        long currentProcessingTime();

        <X> void output(OutputTag<X> tag, X value);
    }
}
