package io.aquifer.api.eventtime;

import io.aquifer.api.functions.Function;

/// Reads a record's event time.
@FunctionalInterface
public interface TimestampAssigner<T> extends Function {
    /// @param recordTimestamp what the source gave, [Long#MIN_VALUE] when nothing
    /// @return milliseconds since the epoch
    long extractTimestamp(T element, long recordTimestamp);
}
