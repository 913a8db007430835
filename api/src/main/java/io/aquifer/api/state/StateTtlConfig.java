package io.aquifer.api.state;

import java.time.Duration;
import java.util.Objects;

/// How long what a state holds lives: a value, an element of a list, an entry of a map each by
/// itself. Time is processing time, in milliseconds.
///
/// What has expired is dropped when it is met; what nobody asks for again stays. A state with a
/// time to live cannot go on from one without, nor the other way round: the stored values are
/// others.
///
/// ```java
/// StateTtlConfig hour = StateTtlConfig.newBuilder(Duration.ofHours(1)).updateTtlOnReadAndWrite().build();
/// getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Long.class).withTimeToLive(hour));
/// ```
///
/// @param timeToLive at least a millisecond; one too long for the clock never ends
public record StateTtlConfig(
        Duration timeToLive, UpdateType updateType, StateVisibility stateVisibility) {
    public StateTtlConfig {
        Objects.requireNonNull(updateType, "updateType");
        Objects.requireNonNull(stateVisibility, "stateVisibility");
        if (timeToLive.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(
                    "a state's time to live is at least 1 ms, got " + timeToLive);
        }
    }

    /// What begins the time to live anew.
    public enum UpdateType {
        /// Each write.
        OnCreateAndWrite,
        /// Each write and each read; a read writes then.
        OnReadAndWrite
    }

    /// What is seen of what has expired.
    public enum StateVisibility {
        /// It is still seen as long as nothing has dropped it; reading a value drops it.
        ReturnExpiredIfNotCleanedUp,
        NeverReturnExpired
    }

    /// With [UpdateType#OnCreateAndWrite] and [StateVisibility#NeverReturnExpired] unless told
    /// otherwise.
    public static Builder newBuilder(Duration timeToLive) {
        return new Builder(timeToLive);
    }

    /// Collects the settings.
    public static final class Builder {
        private final Duration timeToLive;
        private UpdateType updateType = UpdateType.OnCreateAndWrite;
        private StateVisibility stateVisibility = StateVisibility.NeverReturnExpired;

        private Builder(Duration timeToLive) {
            this.timeToLive = timeToLive;
        }

        public Builder setUpdateType(UpdateType newUpdateType) {
            updateType = newUpdateType;
            return this;
        }

        public Builder updateTtlOnCreateAndWrite() {
            return setUpdateType(UpdateType.OnCreateAndWrite);
        }

        public Builder updateTtlOnReadAndWrite() {
            return setUpdateType(UpdateType.OnReadAndWrite);
        }

        public Builder setStateVisibility(StateVisibility newStateVisibility) {
            stateVisibility = newStateVisibility;
            return this;
        }

        public Builder returnExpiredIfNotCleanedUp() {
            return setStateVisibility(StateVisibility.ReturnExpiredIfNotCleanedUp);
        }

        public Builder neverReturnExpired() {
            return setStateVisibility(StateVisibility.NeverReturnExpired);
        }

        /// @throws IllegalArgumentException if the time to live is shorter than a millisecond
        public StateTtlConfig build() {
            return new StateTtlConfig(timeToLive, updateType, stateVisibility);
        }
    }
}
