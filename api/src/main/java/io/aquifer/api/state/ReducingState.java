package io.aquifer.api.state;

/// One value for each key, into which every added value is reduced.
public interface ReducingState<T> extends AppendingState<T, T> {}
