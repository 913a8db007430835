package io.aquifer.api.windowing;

import java.time.Duration;

/// Windows of one size, side by side, aligned to the epoch plus an offset.
///
/// @param sizeMillis length, above 0
/// @param offsetMillis shift against the epoch, 0 to `sizeMillis - 1`
public record TumblingEventTimeWindows(long sizeMillis, long offsetMillis)
        implements WindowAssigner {
    public TumblingEventTimeWindows {
        if (sizeMillis <= 0 || offsetMillis < 0 || offsetMillis >= sizeMillis) {
            throw new IllegalArgumentException(
                    "a tumbling window needs a size above 0 ms and an offset from 0 to less than"
                            + " the size, got size "
                            + sizeMillis
                            + " ms and offset "
                            + offsetMillis
                            + " ms");
        }
    }

    public static TumblingEventTimeWindows of(Duration size) {
        return new TumblingEventTimeWindows(size.toMillis(), 0);
    }

    public static TumblingEventTimeWindows of(Duration size, Duration offset) {
        return new TumblingEventTimeWindows(
                size.toMillis(), Math.floorMod(offset.toMillis(), Math.max(1, size.toMillis())));
    }

    @Override
    public TimeWindow windowOf(long timestamp) {
        long start = timestamp - Math.floorMod(timestamp - offsetMillis, sizeMillis);
        return new TimeWindow(start, start + sizeMillis);
    }
}
