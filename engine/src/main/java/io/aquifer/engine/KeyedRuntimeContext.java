package io.aquifer.engine;

import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.ReduceFunction;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.AggregatingState;
import io.aquifer.api.state.AggregatingStateDescriptor;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ReducingState;
import io.aquifer.api.state.ReducingStateDescriptor;
import io.aquifer.api.state.State;
import io.aquifer.api.state.StateDescriptor;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The runtime context of a function after `keyBy`: asking twice for a state gives the same one.
final class KeyedRuntimeContext extends UnkeyedRuntimeContext {
    private final StreamNode node;
    private final StateTables<?> tables;
    private final Map<String, Registered> states = new HashMap<>();

    private record Registered(StateDescriptor descriptor, State state) {}

    KeyedRuntimeContext(
            StreamNode node,
            SubtaskContext subtask,
            OperatorMetrics metrics,
            OperatorMemory memory,
            StateTables<?> tables) {
        super(node, subtask, metrics, memory);
        this.node = node;
        this.tables = tables;
    }

    @SuppressWarnings("unchecked")
    private <S extends State> S state(StateDescriptor descriptor, Supplier<S> open) {
        Registered known = states.get(descriptor.name());
        if (known == null) {
            known = new Registered(descriptor, open.get());
            states.put(descriptor.name(), known);
        } else if (!sameShape(known.descriptor(), descriptor)) {
            throw new IllegalStateException(
                    node
                            + " asks for state '"
                            + descriptor.name()
                            + "' as "
                            + descriptor
                            + ", but has it already as "
                            + known.descriptor()
                            + "; give one of them another name");
        }
        return (S) known.state();
    }

    private static boolean sameShape(StateDescriptor a, StateDescriptor b) {
        if (a instanceof ReducingStateDescriptor<?> x
                && b instanceof ReducingStateDescriptor<?> y) {
            return x.type().equals(y.type());
        }
        if (a instanceof AggregatingStateDescriptor<?, ?, ?> x
                && b instanceof AggregatingStateDescriptor<?, ?, ?> y) {
            return x.accumulatorType().equals(y.accumulatorType());
        }
        return a.equals(b);
    }

    @Override
    public <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor) {
        return state(descriptor, () -> tables.value(descriptor.name(), descriptor.type()));
    }

    @Override
    public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
        return state(descriptor, () -> tables.list(descriptor.name(), descriptor.elementType()));
    }

    @Override
    public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
        return state(
                descriptor,
                () -> tables.map(descriptor.name(), descriptor.keyType(), descriptor.valueType()));
    }

    @Override
    public <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor) {
        return state(
                descriptor,
                () ->
                        new Reducing<>(
                                tables.value(descriptor.name(), descriptor.type()),
                                descriptor.function()));
    }

    @Override
    public <I, A, O> AggregatingState<I, O> getAggregatingState(
            AggregatingStateDescriptor<I, A, O> descriptor) {
        return state(
                descriptor,
                () ->
                        new Aggregating<>(
                                tables.value(descriptor.name(), descriptor.accumulatorType()),
                                descriptor.function()));
    }

    private record Reducing<T>(ValueState<T> value, ReduceFunction<T> function)
            implements ReducingState<T> {
        @Override
        public @Nullable T get() {
            return value.value();
        }

        @Override
        public void add(T added) {
            T before = value.value();
            try {
                value.update(before == null ? added : function.reduce(before, added));
            } catch (RuntimeException failed) {
                throw failed;
            } catch (Exception failed) {
                throw new IllegalStateException(
                        "the ReduceFunction of a state failed: " + failed, failed);
            }
        }

        @Override
        public void clear() {
            value.clear();
        }
    }

    private record Aggregating<I, A, O>(ValueState<A> value, AggregateFunction<I, A, O> function)
            implements AggregatingState<I, O> {
        @Override
        public @Nullable O get() {
            A accumulator = value.value();
            return accumulator == null ? null : function.getResult(accumulator);
        }

        @Override
        public void add(I added) {
            A before = value.value();
            value.update(
                    function.add(added, before == null ? function.createAccumulator() : before));
        }

        @Override
        public void clear() {
            value.clear();
        }
    }
}
