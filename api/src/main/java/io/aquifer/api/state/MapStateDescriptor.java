package io.aquifer.api.state;

import io.aquifer.api.types.TypeInformation;

/// Describes a [MapState].
public record MapStateDescriptor<K, V>(
        String name, TypeInformation<K> keyType, TypeInformation<V> valueType)
        implements StateDescriptor {
    public MapStateDescriptor(String name, Class<K> keyType, Class<V> valueType) {
        this(name, TypeInformation.of(keyType), TypeInformation.of(valueType));
    }
}
