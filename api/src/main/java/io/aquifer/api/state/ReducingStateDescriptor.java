package io.aquifer.api.state;

import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

/// Describes a [ReducingState].
///
/// @param timeToLive null for ever
public record ReducingStateDescriptor<T>(
        String name,
        ReduceFunction<T> function,
        TypeInformation<T> type,
        @Nullable StateTtlConfig timeToLive)
        implements StateDescriptor {
    public ReducingStateDescriptor(String name, ReduceFunction<T> function, Class<T> type) {
        this(name, function, TypeInformation.of(type));
    }

    /// Of what lives for ever.
    public ReducingStateDescriptor(
            String name, ReduceFunction<T> function, TypeInformation<T> type) {
        this(name, function, type, null);
    }

    /// The same with a time to live.
    public ReducingStateDescriptor<T> withTimeToLive(StateTtlConfig config) {
        return new ReducingStateDescriptor<>(name, function, type, config);
    }
}
