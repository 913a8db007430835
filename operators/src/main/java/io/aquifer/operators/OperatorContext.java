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

    /// Says what the operator's connector keeps on the Java heap now, in bytes; 0 at its end.
    ///
    /// @throws RuntimeException if operation memory has no room for it, with an explanation
    void chargeHeap(long bytes);

    /// State and timers by key; for [io.aquifer.api.graph.Operation.Keyed] operations only.
    <K> KeyedContext<K> keyed();

    /// What operators of an earlier attempt gave as [OperatorSnapshot#state] and this one goes on
    /// with: none, one, or several when there are fewer subtasks now.
    List<byte[]> restoredState();

    /// The event time this operator had passed on (a sink: had been given) at the checkpoint it
    /// goes on from, [Long#MIN_VALUE] when there is none. What is older was late then and is late
    /// now.
    long restoredWatermark();
}
