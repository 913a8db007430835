package io.aquifer.operators;

/// An operator of one subtask, between its input and its [Output]. All calls come from the
/// subtask's thread, in this order: `open`, then any number of `processElement`, `processWatermark`
/// and `snapshot`, then `finish` when all input has ended, then `close`. `close` comes after a
/// failure too, and after a stop with a last `snapshot`, and then without `finish`.
///
/// @param <IN> the records it takes
public interface StreamOperator<IN> {
    /// Event time of a record that has none.
    long NO_TIMESTAMP = Long.MIN_VALUE;

    void open() throws Exception;

    /// The next `count` calls of [#processElement] will be for these records. A keyed operator
    /// touches their state now, so that the cache misses of a batch overlap. Must change nothing
    /// and throw nothing.
    default void prepare(Object[] values, int count) {}

    /// @param timestamp event time in milliseconds, or [#NO_TIMESTAMP]
    void processElement(IN value, long timestamp) throws Exception;

    /// No later record is older than `watermark`; called with rising values. The operator passes it
    /// on.
    void processWatermark(long watermark) throws Exception;

    /// A checkpoint passes: it holds what came before and nothing of what follows. The operator
    /// emits nothing.
    default void snapshot(OperatorSnapshot snapshot) throws Exception {}

    /// All input has ended; the last watermark, [Long#MAX_VALUE], came before.
    ///
    /// @param last takes committables only
    default void finish(OperatorSnapshot last) throws Exception {}

    void close() throws Exception;
}
