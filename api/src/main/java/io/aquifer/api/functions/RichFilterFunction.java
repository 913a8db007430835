package io.aquifer.api.functions;

/// A [FilterFunction] that is opened and closed and knows its [RuntimeContext].
public abstract class RichFilterFunction<T> extends RichFunction implements FilterFunction<T> {
    private static final long serialVersionUID = 1L;

    protected RichFilterFunction() {}
}
