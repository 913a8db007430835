package io.aquifer.api.state;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

/// Describes an [AggregatingState] by the type of its accumulator.
///
/// @param timeToLive null for ever
public record AggregatingStateDescriptor<IN, ACC, OUT>(
        String name,
        AggregateFunction<IN, ACC, OUT> function,
        TypeInformation<ACC> accumulatorType,
        @Nullable StateTtlConfig timeToLive)
        implements StateDescriptor {
    public AggregatingStateDescriptor(
            String name, AggregateFunction<IN, ACC, OUT> function, Class<ACC> accumulatorType) {
        this(name, function, TypeInformation.of(accumulatorType));
    }

    /// Of what lives for ever.
    public AggregatingStateDescriptor(
            String name,
            AggregateFunction<IN, ACC, OUT> function,
            TypeInformation<ACC> accumulatorType) {
        this(name, function, accumulatorType, null);
    }

    /// The same with a time to live.
    public AggregatingStateDescriptor<IN, ACC, OUT> withTimeToLive(StateTtlConfig config) {
        return new AggregatingStateDescriptor<>(name, function, accumulatorType, config);
    }
}
