package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
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
    private final HeapEntries<K> entries;
    private final RestoredState restored;
    private final List<HeapCharge> charges = new ArrayList<>();
    private final List<Snapshot> snapshots = new ArrayList<>();

    HeapStateTables(
            CurrentKey<K> key,
            TypeInformation<K> keyType,
            StreamNode node,
            SubtaskContext subtask,
            RestoredState restored) {
        this.key = key;
        this.restored = restored;
        this.node = node;
        this.subtask = subtask;
        this.keySerializer = keyType.createSerializer();
        this.entries = new HeapEntries<>(keySerializer);
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
    public void prefetch(long[] routings, int count) {}

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
        snapshots.clear();
    }

    /// Writes one state.
    private interface Snapshot {
        void writeTo(StateFileWriter out) throws IOException;
    }

    @Override
    public void writeTo(StateFileWriter out, StateRuns runs) throws IOException {
        for (Snapshot snapshot : snapshots) {
            snapshot.writeTo(out);
        }
    }

    /// Reads a state back; the operator may be in the middle of a record, whose key stays current.
    private void restore(RegisteredState state, RestoredState.Loader loader) {
        K current = key.orNull();
        state.restore(restored, loader);
        key.setOrNull(current);
    }

    /// Makes the entry's key the current one.
    private void setKey(StateEntry entry) {
        key.setBytes(entry.buffer(), entry.keyOffset(), entry.keyLength());
    }

    @Override
    public <V> ValueState<V> value(String name, TypeInformation<V> type) {
        TypeSerializer<V> serializer = type.createSerializer();
        Values<V> values = new Values<>(charge(name), serializer);
        RegisteredState state = RegisteredState.of(StateSection.Kind.VALUE, name, type);
        snapshots.add(out -> values.writeTo(state, out));
        restore(
                state,
                (section, entry) -> {
                    setKey(entry);
                    values.update(entries.value(entry, serializer));
                });
        return values;
    }

    @Override
    public <V> ListState<V> list(String name, TypeInformation<V> type) {
        TypeSerializer<V> serializer = type.createSerializer();
        Lists<V> lists = new Lists<>(charge(name), serializer);
        RegisteredState state = RegisteredState.of(StateSection.Kind.LIST, name, type);
        snapshots.add(out -> lists.writeTo(state, out));
        restore(
                state,
                (section, entry) -> {
                    setKey(entry);
                    lists.add(entries.value(entry, serializer));
                });
        return lists;
    }

    @Override
    public <U, V> MapState<U, V> map(
            String name, TypeInformation<U> keyType, TypeInformation<V> valueType) {
        TypeSerializer<U> userKeys = keyType.createSerializer();
        TypeSerializer<V> values = valueType.createSerializer();
        HeapMapState<K, U, V> maps =
                new HeapMapState<>(key, keySerializer, charge(name), userKeys, values);
        RegisteredState state =
                new RegisteredState(
                        StateSection.Kind.MAP,
                        name,
                        StateTypes.text(keyType),
                        StateTypes.text(valueType));
        snapshots.add(
                out -> {
                    out.begin(state.section());
                    maps.writeTo(entries, userKeys, values, out);
                });
        restore(
                state,
                (section, entry) -> {
                    setKey(entry);
                    maps.put(entries.mapKey(entry, userKeys), entries.value(entry, values));
                });
        return maps;
    }

    @Override
    public <V> WindowValues<K, V> windowValues(String name, TypeInformation<V> type) {
        TypeSerializer<V> serializer = type.createSerializer();
        WindowMaps<V> windows = new WindowMaps<>(charge(name), serializer);
        RegisteredState state = RegisteredState.of(StateSection.Kind.WINDOW_VALUE, name, type);
        snapshots.add(out -> windows.writeTo(state, out));
        restore(
                state,
                (section, entry) -> {
                    setKey(entry);
                    windows.put(section.window(), entries.value(entry, serializer));
                });
        return windows;
    }

    @Override
    public <V> WindowElements<K, V> windowElements(String name, TypeInformation<V> type) {
        TypeSerializer<V> serializer = type.createSerializer();
        WindowLists<V> windows = new WindowLists<>(charge(name), serializer);
        RegisteredState state = RegisteredState.of(StateSection.Kind.WINDOW_LIST, name, type);
        snapshots.add(out -> windows.writeTo(state, out));
        restore(
                state,
                (section, entry) -> {
                    setKey(entry);
                    windows.add(section.window(), entries.value(entry, serializer));
                });
        return windows;
    }

    /// Writes the lists of all keys, an entry for each element.
    private <V> void write(Map<K, List<V>> lists, TypeSerializer<V> serializer, StateFileWriter out)
            throws IOException {
        for (Map.Entry<K, List<V>> list : lists.entrySet()) {
            for (V element : list.getValue()) {
                entries.write(out, list.getKey(), serializer, element);
            }
        }
    }

    private <V> void writeValues(
            Map<K, V> values, TypeSerializer<V> serializer, StateFileWriter out)
            throws IOException {
        for (Map.Entry<K, V> value : values.entrySet()) {
            entries.write(out, value.getKey(), serializer, value.getValue());
        }
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

        void writeTo(RegisteredState state, StateFileWriter out) throws IOException {
            out.begin(state.section());
            writeValues(values, serializer, out);
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

        void writeTo(RegisteredState state, StateFileWriter out) throws IOException {
            out.begin(state.section());
            write(lists, serializer, out);
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

        @Override
        public long[] windows() {
            return windows.keySet().stream().mapToLong(Long::longValue).toArray();
        }

        void writeTo(RegisteredState state, StateFileWriter out) throws IOException {
            for (Map.Entry<Long, Map<K, V>> window : windows.entrySet()) {
                out.begin(state.section(window.getKey()));
                writeValues(window.getValue(), serializer, out);
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

        @Override
        public long[] windows() {
            return windows.keySet().stream().mapToLong(Long::longValue).toArray();
        }

        void writeTo(RegisteredState state, StateFileWriter out) throws IOException {
            for (Map.Entry<Long, Map<K, List<V>>> window : windows.entrySet()) {
                out.begin(state.section(window.getKey()));
                write(window.getValue(), serializer, out);
            }
        }
    }
}
