package io.aquifer.api.functions;

/// Takes the records a function produces. A call may wait for network memory; that is how
/// backpressure reaches a function.
public interface Collector<T> {
    void collect(T record);
}
