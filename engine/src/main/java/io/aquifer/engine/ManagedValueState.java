package io.aquifer.engine;

import io.aquifer.api.state.ValueState;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.ValueTable;

import org.jspecify.annotations.Nullable;

/// A [ValueState] in managed memory.
final class ManagedValueState<K, V> implements ValueState<V> {
    private final CurrentKey<K> key;
    private final ValueTable table;
    private final StateBytes<V> bytes;

    ManagedValueState(CurrentKey<K> key, ValueTable table, StateBytes<V> bytes) {
        this.key = key;
        this.table = table;
        this.bytes = bytes;
    }

    @Override
    public @Nullable V value() {
        return table.get(key.stateKey(), bytes.slot()) ? bytes.read() : null;
    }

    @Override
    public void update(@Nullable V value) {
        if (value == null) {
            clear();
            return;
        }
        DataOutputSerializer valueBytes = bytes.write(value);
        table.put(key.stateKey(), valueBytes.buffer(), 0, valueBytes.length());
    }

    @Override
    public void clear() {
        table.remove(key.stateKey());
    }
}
