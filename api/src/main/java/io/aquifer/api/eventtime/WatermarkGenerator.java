package io.aquifer.api.eventtime;

/// Says, from the records seen so far, which time no later record will be older than. Used by one
/// thread.
public interface WatermarkGenerator<T> {
    void onEvent(T event, long eventTimestamp);

    /// The watermark now, in milliseconds; [Long#MIN_VALUE] when nothing can be said. A value lower
    /// than an earlier one is ignored. Asked after each batch of records.
    long currentWatermark();
}
