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
import io.aquifer.api.state.StateTtlConfig;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TtlValue;
import io.aquifer.api.types.TypeInformation;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// The runtime context of a function after `keyBy`: asking twice for a state gives the same one.
final class KeyedRuntimeContext extends UnkeyedRuntimeContext {
    private final StreamNode node;
    private final StateTables<?> tables;
    private final Clock clock;
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
        this.clock = subtask.clock();
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
            return x.type().equals(y.type()) && Objects.equals(x.timeToLive(), y.timeToLive());
        }
        if (a instanceof AggregatingStateDescriptor<?, ?, ?> x
                && b instanceof AggregatingStateDescriptor<?, ?, ?> y) {
            return x.accumulatorType().equals(y.accumulatorType())
                    && Objects.equals(x.timeToLive(), y.timeToLive());
        }
        return a.equals(b);
    }

    private @Nullable TimeToLive timeToLive(StateDescriptor descriptor) {
        StateTtlConfig config = descriptor.timeToLive();
        return config == null ? null : TimeToLive.of(config, clock);
    }

    private <T> ValueState<T> value(StateDescriptor descriptor, TypeInformation<T> type) {
        TimeToLive ttl = timeToLive(descriptor);
        return ttl == null
                ? tables.value(descriptor.name(), type)
                : new TtlValueState<>(tables.value(descriptor.name(), TtlValue.typeOf(type)), ttl);
    }

    @Override
    public <T> ValueState<T> getState(ValueStateDescriptor<T> descriptor) {
        return state(descriptor, () -> value(descriptor, descriptor.type()));
    }

    @Override
    public <T> ListState<T> getListState(ListStateDescriptor<T> descriptor) {
        return state(
                descriptor,
                () -> {
                    TimeToLive ttl = timeToLive(descriptor);
                    TypeInformation<T> type = descriptor.elementType();
                    return ttl == null
                            ? tables.list(descriptor.name(), type)
                            : new TtlListState<>(
                                    tables.list(descriptor.name(), TtlValue.typeOf(type)), ttl);
                });
    }

    @Override
    public <K, V> MapState<K, V> getMapState(MapStateDescriptor<K, V> descriptor) {
        return state(
                descriptor,
                () -> {
                    TimeToLive ttl = timeToLive(descriptor);
                    String name = descriptor.name();
                    TypeInformation<V> type = descriptor.valueType();
                    return ttl == null
                            ? tables.map(name, descriptor.keyType(), type)
                            : new TtlMapState<>(
                                    tables.map(name, descriptor.keyType(), TtlValue.typeOf(type)),
                                    ttl);
                });
    }

    @Override
    public <T> ReducingState<T> getReducingState(ReducingStateDescriptor<T> descriptor) {
        return state(
                descriptor,
                () -> new Reducing<>(value(descriptor, descriptor.type()), descriptor.function()));
    }

    @Override
    public <I, A, O> AggregatingState<I, O> getAggregatingState(
            AggregatingStateDescriptor<I, A, O> descriptor) {
        return state(
                descriptor,
                () ->
                        new Aggregating<>(
                                value(descriptor, descriptor.accumulatorType()),
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
