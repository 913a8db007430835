package io.aquifer.engine;

import io.aquifer.api.state.ListState;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.ListCursor;
import io.aquifer.state.ListTable;
import io.aquifer.state.StateKey;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/// A [ListState] in managed memory. What [#get] gives reads elements as it is iterated, so a list
/// may be larger than the heap; elements added meanwhile are not seen, and clearing the list ends
/// the iteration with an exception.
final class ManagedListState<K, V> implements ListState<V> {
    private final CurrentKey<K> key;
    private final ListTable table;
    private final StateBytes<V> bytes;

    ManagedListState(CurrentKey<K> key, ListTable table, StateBytes<V> bytes) {
        this.key = key;
        this.table = table;
        this.bytes = bytes;
    }

    @Override
    public Iterable<V> get() {
        return elements(key, table, bytes);
    }

    /// The current key's elements in `table`.
    static <V> Iterable<V> elements(CurrentKey<?> key, ListTable table, StateBytes<V> bytes) {
        StateKey owner = key.stateKey().copy();
        return () -> {
            ListCursor cursor = table.newCursor();
            cursor.open(owner);
            ByteSlot slot = new ByteSlot();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return cursor.hasNext();
                }

                @Override
                public V next() {
                    if (!cursor.next(slot)) {
                        throw new NoSuchElementException("the list has no further elements");
                    }
                    return bytes.read(slot);
                }
            };
        };
    }

    @Override
    public void add(V value) {
        DataOutputSerializer valueBytes =
                bytes.write(Objects.requireNonNull(value, "a ListState holds no nulls"));
        table.append(key.stateKey(), valueBytes.buffer(), 0, valueBytes.length());
    }

    @Override
    public void addAll(List<V> values) {
        values.forEach(this::add);
    }

    @Override
    public void update(List<V> values) {
        if (values.isEmpty()) {
            clear();
            return;
        }
        Iterator<V> next = values.iterator();
        table.replace(
                key.stateKey(),
                out -> {
                    if (!next.hasNext()) {
                        return false;
                    }
                    V value = Objects.requireNonNull(next.next(), "a ListState holds no nulls");
                    DataOutputSerializer valueBytes = bytes.write(value);
                    out.set(valueBytes.buffer(), 0, valueBytes.length());
                    return true;
                });
    }

    @Override
    public void clear() {
        table.clear(key.stateKey());
    }
}
