package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Keyed state as objects in maps on the Java heap, charged to the heap's share of managed memory.
final class HeapStateTables<K> implements StateTables<K> {
    private final CurrentKey<K> key;
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final TypeSerializer<K> keySerializer;
    private final List<HeapCharge> charges = new ArrayList<>();

    HeapStateTables(
            CurrentKey<K> key,
            TypeInformation<K> keyType,
            StreamNode node,
            SubtaskContext subtask) {
        this.key = key;
        this.node = node;
        this.subtask = subtask;
        this.keySerializer = keyType.createSerializer();
    }

    private HeapCharge charge(String name) {
        HeapCharge charge =
                new HeapCharge(
                        subtask.memory()
                                .leaseBytes(
                                        subtask.manager().managedHeap(),
                                        node.name() + " / " + name));
        charges.add(charge);
        return charge;
    }

    @Override
    public void prefetch(byte[] keys, int[] offsets, int[] lengths, int count) {}

    @Override
    public long heldBytes() {
        long held = 0;
        for (HeapCharge charge : charges) {
            held += charge.heldBytes();
        }
        return held;
    }

    @Override
    public void close() {
        charges.forEach(HeapCharge::close);
    }

    @Override
    public <V> ValueState<V> value(String name, TypeInformation<V> type) {
        return new Values<>(charge(name), type.createSerializer());
    }

    @Override
    public <V> ListState<V> list(String name, TypeInformation<V> type) {
        return new Lists<>(charge(name), type.createSerializer());
    }

    @Override
    public <U, V> MapState<U, V> map(
            String name, TypeInformation<U> keyType, TypeInformation<V> valueType) {
        return new HeapMapState<>(
                key,
                keySerializer,
                charge(name),
                keyType.createSerializer(),
                valueType.createSerializer());
    }

    @Override
    public <V> WindowValues<K, V> windowValues(String name, TypeInformation<V> type) {
        return new WindowMaps<>(charge(name), type.createSerializer());
    }

    @Override
    public <V> WindowElements<K, V> windowElements(String name, TypeInformation<V> type) {
        return new WindowLists<>(charge(name), type.createSerializer());
    }

    private final class Values<V> implements ValueState<V> {
        private final Map<K, V> values = new HashMap<>();
        private final HeapCharge charge;
        private final TypeSerializer<V> serializer;

        Values(HeapCharge charge, TypeSerializer<V> serializer) {
            this.charge = charge;
            this.serializer = serializer;
        }

        @Override
        public @Nullable V value() {
            return values.get(key.get());
        }

        @Override
        public void update(@Nullable V value) {
            if (value == null) {
                clear();
                return;
            }
            K current = key.get();
            charge.put(
                    keySerializer, current, serializer, value, values.containsKey(current) ? 0 : 1);
            values.put(current, value);
        }

        @Override
        public void clear() {
            if (values.remove(key.get()) != null) {
                charge.remove(1);
            }
        }
    }

    private final class Lists<V> implements ListState<V> {
        private final Map<K, List<V>> lists = new HashMap<>();
        private final HeapCharge charge;
        private final TypeSerializer<V> serializer;

        Lists(HeapCharge charge, TypeSerializer<V> serializer) {
            this.charge = charge;
            this.serializer = serializer;
        }

        @Override
        public Iterable<V> get() {
            List<V> list = lists.get(key.get());
            return list == null ? List.of() : List.copyOf(list);
        }

        @Override
        public void add(V value) {
            Objects.requireNonNull(value, "a ListState holds no nulls");
            K current = key.get();
            charge.put(keySerializer, current, serializer, value, 1);
            lists.computeIfAbsent(current, ignored -> new ArrayList<>()).add(value);
        }

        @Override
        public void addAll(List<V> values) {
            values.forEach(this::add);
        }

        @Override
        public void update(List<V> values) {
            values.forEach(value -> Objects.requireNonNull(value, "a ListState holds no nulls"));
            clear();
            addAll(values);
        }

        @Override
        public void clear() {
            List<V> list = lists.remove(key.get());
            if (list != null) {
                charge.remove(list.size());
            }
        }
    }

    private final class WindowMaps<V> implements WindowValues<K, V> {
        private final Map<Long, Map<K, V>> windows = new HashMap<>();
        private final HeapCharge charge;
        private final TypeSerializer<V> serializer;

        WindowMaps(HeapCharge charge, TypeSerializer<V> serializer) {
            this.charge = charge;
            this.serializer = serializer;
        }

        @Override
        public @Nullable V get(long window) {
            Map<K, V> values = windows.get(window);
            return values == null ? null : values.get(key.get());
        }

        @Override
        public void put(long window, V value) {
            Map<K, V> values = windows.computeIfAbsent(window, ignored -> new HashMap<>());
            K current = key.get();
            charge.put(
                    keySerializer, current, serializer, value, values.containsKey(current) ? 0 : 1);
            values.put(current, value);
        }

        @Override
        public void forEach(long window, Visitor<K, V> visitor) throws Exception {
            Map<K, V> values = windows.get(window);
            if (values != null) {
                for (Map.Entry<K, V> entry : values.entrySet()) {
                    key.set(entry.getKey());
                    visitor.visit(entry.getKey(), entry.getValue());
                }
            }
        }

        @Override
        public void drop(long window) {
            Map<K, V> values = windows.remove(window);
            if (values != null) {
                charge.remove(values.size());
            }
        }
    }

    private final class WindowLists<V> implements WindowElements<K, V> {
        private final HeapCharge charge;
        private final TypeSerializer<V> serializer;
        private final Map<Long, Map<K, List<V>>> windows = new HashMap<>();

        WindowLists(HeapCharge charge, TypeSerializer<V> serializer) {
            this.charge = charge;
            this.serializer = serializer;
        }

        @Override
        public void add(long window, V value) {
            K current = key.get();
            charge.put(keySerializer, current, serializer, value, 1);
            windows.computeIfAbsent(window, ignored -> new HashMap<>())
                    .computeIfAbsent(current, ignored -> new ArrayList<>())
                    .add(value);
        }

        @Override
        public void forEach(long window, WindowValues.Visitor<K, Iterable<V>> visitor)
                throws Exception {
            for (Map.Entry<K, List<V>> entry : windows.getOrDefault(window, Map.of()).entrySet()) {
                key.set(entry.getKey());
                visitor.visit(entry.getKey(), entry.getValue());
            }
        }

        @Override
        public void drop(long window) {
            long elements = 0;
            Map<K, List<V>> lists = windows.remove(window);
            if (lists != null) {
                for (List<V> list : lists.values()) {
                    elements += list.size();
                }
            }
            charge.remove(elements);
        }
    }
}
