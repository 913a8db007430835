package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.ValueTable;
import io.aquifer.state.file.StateFileWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// [WindowValues] in managed memory: a table for each window, whose pages go back when the window
/// is dropped.
final class ManagedWindowValues<K, V> implements WindowValues<K, V> {
    private final CurrentKey<K> key;
    private final Supplier<ValueTable> open;
    private final StateBytes<V> bytes;
    private final Map<Long, ValueTable> tables = new HashMap<>();
    private long lastWindow;
    private @Nullable ValueTable last;

    /// @param open makes an empty table
    ManagedWindowValues(CurrentKey<K> key, Supplier<ValueTable> open, StateBytes<V> bytes) {
        this.key = key;
        this.open = open;
        this.bytes = bytes;
    }

    private @Nullable ValueTable table(long window) {
        if (last == null || lastWindow != window) {
            last = tables.get(window);
            lastWindow = window;
        }
        return last;
    }

    /// The window's table, made if there is none.
    ValueTable tableFor(long window) {
        ValueTable table = table(window);
        if (table == null) {
            table = open.get();
            tables.put(window, table);
            last = table;
        }
        return table;
    }

    @Override
    public @Nullable V get(long window) {
        ValueTable table = table(window);
        if (table == null) {
            return null;
        }
        return table.get(key.stateKey(), bytes.slot()) ? bytes.read() : null;
    }

    @Override
    public void put(long window, V value) {
        ValueTable table = tableFor(window);
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
        ValueTable table = tables.remove(window);
        last = null;
        if (table != null) {
            table.close();
        }
    }

    /// Touches the keys in the window used last, which is most likely the next.
    void prefetch(long[] routings, int count) {
        ValueTable table = last;
        if (table != null) {
            table.prefetch(routings, count);
        }
    }

    @Override
    public long[] windows() {
        return tables.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    void writeTo(RegisteredState state, StateFileWriter out) throws IOException {
        for (Map.Entry<Long, ValueTable> entry : tables.entrySet()) {
            out.begin(state.section(entry.getKey()));
            entry.getValue().writeTo(out);
        }
    }

    long heldPages() {
        long pages = 0;
        for (ValueTable table : tables.values()) {
            pages += table.pageCount();
        }
        return pages;
    }

    void close() {
        tables.values().forEach(ValueTable::close);
        tables.clear();
        last = null;
    }
}
