package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

/// Names a state and says what it holds. A function uses one name once.
public sealed interface StateDescriptor
        permits ValueStateDescriptor,
                ListStateDescriptor,
                MapStateDescriptor,
                ReducingStateDescriptor,
                AggregatingStateDescriptor {
    String name();

    /// How long what it holds lives; null for ever.
    @Nullable StateTtlConfig timeToLive();
}
