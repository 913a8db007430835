package io.aquifer.api.state;

import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

/// Describes a [ValueState].
///
/// @param timeToLive null for ever
public record ValueStateDescriptor<T>(
        String name, TypeInformation<T> type, @Nullable StateTtlConfig timeToLive)
        implements StateDescriptor {
    public ValueStateDescriptor(String name, Class<T> type) {
        this(name, TypeInformation.of(type));
    }

    /// Of what lives for ever.
    public ValueStateDescriptor(String name, TypeInformation<T> type) {
        this(name, type, null);
    }

    /// The same with a time to live.
    public ValueStateDescriptor<T> withTimeToLive(StateTtlConfig config) {
        return new ValueStateDescriptor<>(name, type, config);
    }
}
