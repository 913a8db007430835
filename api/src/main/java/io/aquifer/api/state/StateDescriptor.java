package io.aquifer.api.state;

/// Names a state and says what it holds. A function uses one name once.
public sealed interface StateDescriptor
        permits ValueStateDescriptor,
                ListStateDescriptor,
                MapStateDescriptor,
                ReducingStateDescriptor,
                AggregatingStateDescriptor {
    String name();
}
