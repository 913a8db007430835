package io.aquifer.api.connector;

/// Takes what a [SourceReader] reads. Every call may wait for a page of network memory.
public interface SourceOutput<T> {
    void collect(T value);

    /// Hands over a record whose event time, in milliseconds since the epoch, the source itself
    /// knows.
    void collect(T value, long timestamp);

    /// Hands over a piece of input that is not a record, with its place and the reason.
    void reject(Reject reject);
}
