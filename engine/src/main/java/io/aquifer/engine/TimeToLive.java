package io.aquifer.engine;

import io.aquifer.api.state.StateTtlConfig;
import io.aquifer.api.state.StateTtlConfig.StateVisibility;
import io.aquifer.api.state.StateTtlConfig.UpdateType;
import io.aquifer.api.types.TtlValue;

/// Decides what has expired, by the subtask's clock.
///
/// A clock that goes back makes nothing expire; what was written ahead of it lives as long as if it
/// had been written at that time.
record TimeToLive(long millis, boolean renewedByReads, boolean showsExpired, Clock clock) {
    static TimeToLive of(StateTtlConfig config, Clock clock) {
        long millis;
        try {
            millis = config.timeToLive().toMillis();
        } catch (ArithmeticException beyondTheClock) {
            millis = Long.MAX_VALUE;
        }
        return new TimeToLive(
                millis,
                config.updateType() == UpdateType.OnReadAndWrite,
                config.stateVisibility() == StateVisibility.ReturnExpiredIfNotCleanedUp,
                clock);
    }

    /// A value that was written or read now.
    <T> TtlValue<T> stamped(T value) {
        return new TtlValue<>(clock.millis(), value);
    }

    boolean isExpired(TtlValue<?> stored) {
        long written = stored.lastAccess();
        long end =
                written > 0 && millis > Long.MAX_VALUE - written
                        ? Long.MAX_VALUE
                        : written + millis;
        return end != Long.MAX_VALUE && end <= clock.millis();
    }
}
