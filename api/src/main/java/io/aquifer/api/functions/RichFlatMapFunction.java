package io.aquifer.api.functions;

/// A [FlatMapFunction] that is opened and closed and knows its [RuntimeContext].
public abstract class RichFlatMapFunction<T, O> extends RichFunction
        implements FlatMapFunction<T, O> {
    private static final long serialVersionUID = 1L;

    protected RichFlatMapFunction() {}
}
