package io.aquifer.operators;

import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.graph.StreamNode;

import java.util.List;

/// What the host gives an operator of one subtask.
public interface OperatorContext {
    /// The operator as the author declared it, for messages.
    StreamNode node();

    Output output();

    RuntimeContext runtimeContext();

    SinkContext sinkContext();

    long currentProcessingTime();

    /// State and timers by key; for [io.aquifer.api.graph.Operation.Keyed] operations only.
    <K> KeyedContext<K> keyed();

    /// Takes what a sink's writer returned from `finish`, to be committed when the whole job has
    /// finished.
    void committables(List<String> committables);
}
