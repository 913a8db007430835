package io.aquifer.api.windowing;

/// A span of event time in milliseconds, `start` inclusive, `end` exclusive.
public record TimeWindow(long start, long end) {
    public TimeWindow {
        if (end <= start) {
            throw new IllegalArgumentException(
                    "a window ends after it starts, got [" + start + ", " + end + ")");
        }
    }

    public long getStart() {
        return start;
    }

    public long getEnd() {
        return end;
    }

    /// The latest time that belongs to the window; the window fires when the watermark reaches it.
    public long maxTimestamp() {
        return end - 1;
    }
}
