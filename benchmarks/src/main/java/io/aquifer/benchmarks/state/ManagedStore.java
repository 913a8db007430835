package io.aquifer.benchmarks.state;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryOptions;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.SavedRuns;
import io.aquifer.state.StateKey;
import io.aquifer.state.TableRuns;
import io.aquifer.state.TableSpill;
import io.aquifer.state.ValueTable;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A [ValueTable] behind the serializers of the API, as the engine's `ValueState` is.
final class ManagedStore<K, V> implements KeyedStore<K, V> {
    private static final int GROUPS = 128;
    private static final KeyRouting ROUTING = KeyRouting.of(42, GROUPS);

    private final TypeSerializer<K> keys;
    private final TypeSerializer<V> values;
    private final DataOutputSerializer keyBytes = new DataOutputSerializer();
    private final DataOutputSerializer valueBytes = new DataOutputSerializer();
    private final DataInputDeserializer input = new DataInputDeserializer();
    private final StateKey stateKey = new StateKey(ROUTING);
    private final ByteSlot slot = new ByteSlot();
    private final MemoryManager manager;
    private final MemoryScope scope;
    private final MemoryScope.Entry entry;
    private final TableSpill spill;
    private final ValueTable table;
    private final MemoryScope.Registration registration;

    /// @param saved what it begins with
    ManagedStore(
            Class<K> keyType,
            Class<V> valueType,
            long managedBytes,
            Path directory,
            SavedRuns saved)
            throws IOException {
        this.keys = TypeInformation.of(keyType).createSerializer();
        this.values = TypeInformation.of(valueType).createSerializer();
        this.manager =
                MemoryManager.create(
                        new MemoryPlan(managedBytes, managedBytes, 0, 0, 0, 0, 0),
                        MemoryOptions.DEFAULTS);
        this.scope = manager.openScope("state");
        this.entry = scope.enter();
        this.spill = TableSpill.in(directory);
        this.table =
                ValueTable.open(
                        scope.leasePages(manager.managed(), "values"),
                        ROUTING,
                        spill,
                        new TableSpill.Table(
                                "state",
                                new StateFileHeader("op", 0, GROUPS, 0, GROUPS - 1),
                                new StateSection("state", StateSection.Kind.VALUE, 0, "", "v"),
                                ROUTING.keyGroupBits()),
                        saved);
        this.registration = scope.register(table);
    }

    ValueTable table() {
        return table;
    }

    private StateKey key(K key) {
        keyBytes.clear();
        keys.serialize(key, keyBytes);
        stateKey.set(keyBytes.buffer(), 0, keyBytes.length(), group(key));
        return stateKey;
    }

    private static int group(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return (hash ^ hash >>> 15) & GROUPS - 1;
    }

    @Override
    public void put(K key, V value) {
        valueBytes.clear();
        values.serialize(value, valueBytes);
        table.put(key(key), valueBytes.buffer(), 0, valueBytes.length());
    }

    @Override
    public V get(K key) {
        if (!table.get(key(key), slot)) {
            throw new IllegalStateException("a key is missing");
        }
        input.setBuffer(slot.array(), 0, slot.length());
        return values.deserialize(input);
    }

    @Override
    public long bytes() {
        return manager.managed().heldBytes();
    }

    /// What a table can begin with that has the runs of this one.
    static SavedRuns begin(TableRuns runs, boolean loaded) {
        List<SavedRuns.Slice> slices = new ArrayList<>();
        for (TableRuns.Part part : runs.parts()) {
            part.file().retain();
            slices.add(new SavedRuns.Slice(part.file(), 0, GROUPS - 1));
        }
        return new SavedRuns(slices, 1, loaded);
    }

    @Override
    public void close() {
        registration.close();
        table.close();
        try {
            spill.close();
        } catch (IOException refused) {
            throw new java.io.UncheckedIOException(refused);
        }
        entry.close();
        scope.close();
        manager.close();
    }
}
