package io.aquifer.engine;

import io.aquifer.api.memory.ManagedMap;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.StateKey;
import io.aquifer.state.ValueTable;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.BiConsumer;

/// A [ManagedMap] in a table of its own.
final class OperatorMap<K, V> implements ManagedMap<K, V> {
    private final ValueTable table;
    private final StateKey stateKey;
    private final StateBytes<K> keys;
    private final StateBytes<V> values;

    OperatorMap(ValueTable table, KeyRouting routing, StateBytes<K> keys, StateBytes<V> values) {
        this.table = table;
        this.stateKey = new StateKey(routing);
        this.keys = keys;
        this.values = values;
    }

    private StateKey keyOf(K key) {
        DataOutputSerializer bytes =
                keys.write(Objects.requireNonNull(key, "a ManagedMap holds no null keys"));
        stateKey.set(bytes.buffer(), 0, bytes.length(), 0);
        return stateKey;
    }

    @Override
    public @Nullable V get(K key) {
        return table.get(keyOf(key), values.slot()) ? values.read() : null;
    }

    @Override
    public void put(K key, V value) {
        DataOutputSerializer valueBytes =
                values.write(Objects.requireNonNull(value, "a ManagedMap holds no null values"));
        table.put(keyOf(key), valueBytes.buffer(), 0, valueBytes.length());
    }

    @Override
    public boolean remove(K key) {
        return table.remove(keyOf(key));
    }

    @Override
    public boolean contains(K key) {
        return table.contains(keyOf(key));
    }

    @Override
    public long size() {
        return table.size();
    }

    @Override
    public void forEach(BiConsumer<? super K, ? super V> visitor) {
        table.forEach((key, value) -> visitor.accept(keys.read(key), values.read(value)));
    }

    @Override
    public void clear() {
        table.clear();
    }
}
