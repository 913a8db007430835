package io.aquifer.engine;

import io.aquifer.api.functions.Counter;
import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.memory.ManagedMemory;
import io.aquifer.api.state.AggregatingState;
import io.aquifer.api.state.AggregatingStateDescriptor;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ReducingState;
import io.aquifer.api.state.ReducingStateDescriptor;
import io.aquifer.api.state.StateDescriptor;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

/// The runtime context of a function that does not follow `keyBy`: everything but state.
sealed class UnkeyedRuntimeContext implements RuntimeContext permits KeyedRuntimeContext {
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final OperatorMetrics metrics;
    private final OperatorMemory memory;

    UnkeyedRuntimeContext(
            StreamNode node,
            SubtaskContext subtask,
            OperatorMetrics metrics,
            OperatorMemory memory) {
        this.node = node;
        this.subtask = subtask;
        this.metrics = metrics;
        this.memory = memory;
    }

    @Override
    public final String getJobName() {
        return subtask.jobName();
    }

    @Override
    public final String getTaskName() {
        return node.name();
    }

    @Override
    public final int getIndexOfThisSubtask() {
        return subtask.id().index();
    }

    @Override
    public final int getNumberOfParallelSubtasks() {
        return subtask.id().parallelism();
    }

    @Override
    public final Counter getCounter(String name) {
        return metrics.counter(name);
    }

    @Override
    public final ManagedMemory getManagedMemory() {
        return memory;
    }

    private IllegalStateException noState(StateDescriptor descriptor) {
        return new IllegalStateException(
                "state '"
                        + descriptor.name()
                        + "' of "
                        + node
                        + " needs keyBy(...) before the operator");
    }

    @Override
    public <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor) {
        throw noState(descriptor);
    }

    @Override
    public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
        throw noState(descriptor);
    }

    @Override
    public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
        throw noState(descriptor);
    }

    @Override
    public <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor) {
        throw noState(descriptor);
    }

    @Override
    public <I, A, O> AggregatingState<I, O> getAggregatingState(
            AggregatingStateDescriptor<I, A, O> descriptor) {
        throw noState(descriptor);
    }
}
