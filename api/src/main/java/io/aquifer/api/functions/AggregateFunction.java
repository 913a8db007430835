package io.aquifer.api.functions;

/// Adds values up in an accumulator that is smaller than they are, and turns it into a result.
///
/// The accumulator is state: its type must have a serializer. `add` may change and return the
/// accumulator it was given.
///
/// @param <IN> what is added
/// @param <ACC> the accumulator
/// @param <OUT> the result
public interface AggregateFunction<IN, ACC, OUT> extends Function {
    ACC createAccumulator();

    ACC add(IN value, ACC accumulator);

    OUT getResult(ACC accumulator);

    /// Combines two accumulators; may change and return either.
    ACC merge(ACC a, ACC b);
}
