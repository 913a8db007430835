package io.aquifer.api.state;

import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

/// Describes a [ListState] by the type of its elements.
///
/// @param timeToLive null for ever
public record ListStateDescriptor<T>(
        String name, TypeInformation<T> elementType, @Nullable StateTtlConfig timeToLive)
        implements StateDescriptor {
    public ListStateDescriptor(String name, Class<T> elementType) {
        this(name, TypeInformation.of(elementType));
    }

    /// Of what lives for ever.
    public ListStateDescriptor(String name, TypeInformation<T> elementType) {
        this(name, elementType, null);
    }

    /// The same with a time to live.
    public ListStateDescriptor<T> withTimeToLive(StateTtlConfig config) {
        return new ListStateDescriptor<>(name, elementType, config);
    }
}
