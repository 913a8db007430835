package io.aquifer.api.functions;

import io.aquifer.api.memory.ManagedMemory;
import io.aquifer.api.state.AggregatingState;
import io.aquifer.api.state.AggregatingStateDescriptor;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ReducingState;
import io.aquifer.api.state.ReducingStateDescriptor;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

/// What a function may know and use of the subtask it runs in. Used by the subtask's thread only.
///
/// Keyed state exists in functions after `keyBy` alone; elsewhere the `get...State` calls throw
/// [IllegalStateException].
public interface RuntimeContext {
    String getJobName();

    /// The operator's name, as in progress and messages.
    String getTaskName();

    /// From 0.
    int getIndexOfThisSubtask();

    int getNumberOfParallelSubtasks();

    /// A counter by its name, added up over all subtasks in progress and report.
    Counter getCounter(String name);

    /// The operator's own data structures off the heap, with or without `keyBy`. Not in
    /// checkpoints.
    ManagedMemory getManagedMemory();

    <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor);

    <T> ListState<T> getListState(ListStateDescriptor<T> descriptor);

    <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor);

    <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor);

    <I, A, O> AggregatingState<I, O> getAggregatingState(
            AggregatingStateDescriptor<I, A, O> descriptor);
}
