package io.aquifer.api.state;

import io.aquifer.api.types.TypeInformation;

/// Describes a [ValueState].
public record ValueStateDescriptor<T>(String name, TypeInformation<T> type)
        implements StateDescriptor {
    public ValueStateDescriptor(String name, Class<T> type) {
        this(name, TypeInformation.of(type));
    }
}
