package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.ValueTable;

import org.jspecify.annotations.Nullable;

/// [WindowValues] in managed memory: a table for each window, whose pages go back when the window
/// is dropped.
final class ManagedWindowValues<K, V> implements WindowValues<K, V> {
    private final CurrentKey<K> key;
    private final WindowTables<ValueTable> tables;
    private final StateBytes<V> bytes;

    ManagedWindowValues(CurrentKey<K> key, WindowTables<ValueTable> tables, StateBytes<V> bytes) {
        this.key = key;
        this.tables = tables;
        this.bytes = bytes;
    }

    @Override
    public @Nullable V get(long window) {
        ValueTable table = tables.get(window);
        if (table == null) {
            return null;
        }
        return table.get(key.stateKey(), bytes.slot()) ? bytes.read() : null;
    }

    @Override
    public void put(long window, V value) {
        ValueTable table = tables.open(window);
        DataOutputSerializer valueBytes = bytes.write(value);
        table.put(key.stateKey(), valueBytes.buffer(), 0, valueBytes.length());
    }

    @Override
    public void forEach(long window, Visitor<K, V> visitor) throws Exception {
        ValueTable table = tables.get(window);
        if (table != null) {
            VisitFailure.unwrapping(
                    () ->
                            table.forEach(
                                    (keySlot, valueSlot) ->
                                            VisitFailure.wrapping(
                                                    () ->
                                                            visitor.visit(
                                                                    key.setBytes(
                                                                            keySlot.array(),
                                                                            0,
                                                                            keySlot.length()),
                                                                    bytes.read(valueSlot)))));
        }
    }

    @Override
    public void drop(long window) {
        tables.drop(window);
    }

    /// Touches the keys in the window used last, which is most likely the next.
    void prefetch(long[] routings, int count) {
        ValueTable table = tables.last();
        if (table != null) {
            table.prefetch(routings, count);
        }
    }

    @Override
    public long[] windows() {
        return tables.windows();
    }
}
