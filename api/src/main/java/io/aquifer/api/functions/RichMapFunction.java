package io.aquifer.api.functions;

/// A [MapFunction] that is opened and closed and knows its [RuntimeContext].
public abstract class RichMapFunction<T, O> extends RichFunction implements MapFunction<T, O> {
    private static final long serialVersionUID = 1L;

    protected RichMapFunction() {}
}
