package io.aquifer.engine;

import io.aquifer.api.memory.ManagedMap;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.ValueTable;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.BiConsumer;

/// A [ManagedMap] in a table of its own.
final class OperatorMap<K, V> implements ManagedMap<K, V> {
    private final ValueTable table;
    private final StateBytes<K> keys;
    private final StateBytes<V> values;

    OperatorMap(ValueTable table, StateBytes<K> keys, StateBytes<V> values) {
        this.table = table;
        this.keys = keys;
        this.values = values;
    }

    private DataOutputSerializer bytesOf(K key) {
        return keys.write(Objects.requireNonNull(key, "a ManagedMap holds no null keys"));
    }

    @Override
    public @Nullable V get(K key) {
        DataOutputSerializer bytes = bytesOf(key);
        return table.get(bytes.buffer(), 0, bytes.length(), values.slot()) ? values.read() : null;
    }

    @Override
    public void put(K key, V value) {
        DataOutputSerializer valueBytes =
                values.write(Objects.requireNonNull(value, "a ManagedMap holds no null values"));
        DataOutputSerializer keyBytes = bytesOf(key);
        table.put(
                keyBytes.buffer(),
                0,
                keyBytes.length(),
                valueBytes.buffer(),
                0,
                valueBytes.length());
    }

    @Override
    public boolean remove(K key) {
        DataOutputSerializer bytes = bytesOf(key);
        return table.remove(bytes.buffer(), 0, bytes.length());
    }

    @Override
    public boolean contains(K key) {
        DataOutputSerializer bytes = bytesOf(key);
        return table.contains(bytes.buffer(), 0, bytes.length());
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
