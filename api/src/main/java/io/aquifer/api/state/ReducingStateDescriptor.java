package io.aquifer.api.state;

import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.types.TypeInformation;

/// Describes a [ReducingState].
public record ReducingStateDescriptor<T>(
        String name, ReduceFunction<T> function, TypeInformation<T> type)
        implements StateDescriptor {
    public ReducingStateDescriptor(String name, ReduceFunction<T> function, Class<T> type) {
        this(name, function, TypeInformation.of(type));
    }
}
