package io.aquifer.api.state;

import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

/// Describes a [MapState].
///
/// @param timeToLive null for ever
public record MapStateDescriptor<K, V>(
        String name,
        TypeInformation<K> keyType,
        TypeInformation<V> valueType,
        @Nullable StateTtlConfig timeToLive)
        implements StateDescriptor {
    public MapStateDescriptor(String name, Class<K> keyType, Class<V> valueType) {
        this(name, TypeInformation.of(keyType), TypeInformation.of(valueType));
    }

    /// Of what lives for ever.
    public MapStateDescriptor(
            String name, TypeInformation<K> keyType, TypeInformation<V> valueType) {
        this(name, keyType, valueType, null);
    }

    /// The same with a time to live.
    public MapStateDescriptor<K, V> withTimeToLive(StateTtlConfig config) {
        return new MapStateDescriptor<>(name, keyType, valueType, config);
    }
}
