package io.aquifer.api.windowing;

import io.aquifer.api.functions.Function;

/// Says which window a record belongs to.
public sealed interface WindowAssigner extends Function permits TumblingEventTimeWindows {
    /// The window that holds `timestamp`, in milliseconds.
    TimeWindow windowOf(long timestamp);
}
