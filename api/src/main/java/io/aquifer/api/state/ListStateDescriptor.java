package io.aquifer.api.state;

import io.aquifer.api.types.TypeInformation;

/// Describes a [ListState] by the type of its elements.
public record ListStateDescriptor<T>(String name, TypeInformation<T> elementType)
        implements StateDescriptor {
    public ListStateDescriptor(String name, Class<T> elementType) {
        this(name, TypeInformation.of(elementType));
    }
}
