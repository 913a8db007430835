package io.aquifer.api.functions;

/// Timers of the current key, and the two clocks. Times are milliseconds since the epoch.
///
/// A timer is known by its key and time: registering it twice fires it once.
public interface TimerService {
    long currentProcessingTime();

    /// No record older than this is expected; [Long#MIN_VALUE] before the first watermark.
    long currentWatermark();

    /// Fires when the watermark reaches `time`; at once with the next watermark when it has passed.
    void registerEventTimeTimer(long time);

    void deleteEventTimeTimer(long time);

    /// Fires when the clock reaches `time`. At the end of bounded input, timers still waiting do
    /// not fire.
    void registerProcessingTimeTimer(long time);

    void deleteProcessingTimeTimer(long time);
}
