package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.ListTable;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// [WindowElements] in managed memory: a table for each window, whose pages go back when the window
/// is dropped.
final class ManagedWindowElements<K, V> implements WindowElements<K, V> {
    private final CurrentKey<K> key;
    private final Supplier<ListTable> open;
    private final StateBytes<V> bytes;
    private final Map<Long, ListTable> tables = new HashMap<>();

    /// @param open makes an empty table
    ManagedWindowElements(CurrentKey<K> key, Supplier<ListTable> open, StateBytes<V> bytes) {
        this.key = key;
        this.open = open;
        this.bytes = bytes;
    }

    /// The window's table, made if there is none.
    ListTable tableFor(long window) {
        ListTable table = tables.get(window);
        if (table == null) {
            table = open.get();
            tables.put(window, table);
        }
        return table;
    }

    @Override
    public void add(long window, V value) {
        ListTable table = tableFor(window);
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
        ListTable table = tables.remove(window);
        if (table != null) {
            table.close();
        }
    }

    @Override
    public long[] windows() {
        return tables.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    void writeTo(RegisteredState state, StateFileWriter out) throws IOException {
        for (Map.Entry<Long, ListTable> entry : tables.entrySet()) {
            out.begin(state.section(entry.getKey()));
            entry.getValue().writeTo(out);
        }
    }

    long heldPages() {
        long pages = 0;
        for (ListTable table : tables.values()) {
            pages += table.pageCount();
        }
        return pages;
    }

    void close() {
        tables.values().forEach(ListTable::close);
        tables.clear();
    }
}
