package io.aquifer.api.state;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.types.TypeInformation;

/// Describes an [AggregatingState] by the type of its accumulator.
public record AggregatingStateDescriptor<IN, ACC, OUT>(
        String name, AggregateFunction<IN, ACC, OUT> function, TypeInformation<ACC> accumulatorType)
        implements StateDescriptor {
    public AggregatingStateDescriptor(
            String name, AggregateFunction<IN, ACC, OUT> function, Class<ACC> accumulatorType) {
        this(name, function, TypeInformation.of(accumulatorType));
    }
}
