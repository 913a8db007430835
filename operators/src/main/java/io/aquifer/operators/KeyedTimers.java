package io.aquifer.operators;

import io.aquifer.api.functions.TimerService;

/// The timers of a keyed operator.
public interface KeyedTimers extends TimerService {
    /// Sets event time and fires what has come due, in order of time.
    void advanceWatermark(long watermark) throws Exception;
}
