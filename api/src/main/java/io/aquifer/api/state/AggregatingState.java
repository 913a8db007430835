package io.aquifer.api.state;

/// One accumulator for each key; [#get] gives its result.
public interface AggregatingState<IN, OUT> extends AppendingState<IN, OUT> {}
