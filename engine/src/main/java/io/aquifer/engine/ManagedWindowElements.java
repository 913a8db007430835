package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.ListTable;

/// [WindowElements] in managed memory: a table for each window, whose pages go back when the window
/// is dropped.
final class ManagedWindowElements<K, V> implements WindowElements<K, V> {
    private final CurrentKey<K> key;
    private final WindowTables<ListTable> tables;
    private final StateBytes<V> bytes;

    ManagedWindowElements(CurrentKey<K> key, WindowTables<ListTable> tables, StateBytes<V> bytes) {
        this.key = key;
        this.tables = tables;
        this.bytes = bytes;
    }

    @Override
    public void add(long window, V value) {
        ListTable table = tables.open(window);
        DataOutputSerializer valueBytes = bytes.write(value);
        table.append(key.stateKey(), valueBytes.buffer(), 0, valueBytes.length());
    }

    @Override
    public void forEach(long window, WindowValues.Visitor<K, Iterable<V>> visitor)
            throws Exception {
        ListTable table = tables.get(window);
        if (table != null) {
            VisitFailure.unwrapping(
                    () ->
                            table.forEachKey(
                                    keySlot ->
                                            VisitFailure.wrapping(
                                                    () -> {
                                                        K current =
                                                                key.setBytes(
                                                                        keySlot.array(),
                                                                        0,
                                                                        keySlot.length());
                                                        visitor.visit(
                                                                current,
                                                                ManagedListState.elements(
                                                                        key, table, bytes));
                                                    })));
        }
    }

    @Override
    public void drop(long window) {
        tables.drop(window);
    }

    @Override
    public long[] windows() {
        return tables.windows();
    }
}
