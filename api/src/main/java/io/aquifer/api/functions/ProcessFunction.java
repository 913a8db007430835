package io.aquifer.api.functions;

import io.aquifer.api.OutputTag;

import org.jspecify.annotations.Nullable;

/// Sees each record with its timestamp and may emit to the main and to side outputs.
public abstract class ProcessFunction<I, O> extends RichFunction {
    private static final long serialVersionUID = 1L;

    protected ProcessFunction() {}

    public abstract void processElement(I value, Context ctx, Collector<O> out) throws Exception;

    /// Valid during the call only.
    public interface Context {
        /// The record's event time in milliseconds, or null when it has none.
        @Nullable Long timestamp();

        long currentWatermark();

        long currentProcessingTime();

        <X> void output(OutputTag<X> tag, X value);
    }
}
