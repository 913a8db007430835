package io.aquifer.engine;

import io.aquifer.api.state.MapState;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.state.ByteSlot;
import io.aquifer.state.MapCursor;
import io.aquifer.state.MapTable;
import io.aquifer.state.StateKey;

import org.jspecify.annotations.Nullable;

import java.util.AbstractMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;

/// A [MapState] in managed memory. Iterations read entries as they go, in the order in which they
/// were put first.
final class ManagedMapState<K, U, V> implements MapState<U, V> {
    private final CurrentKey<K> key;
    private final MapTable table;
    private final StateBytes<U> userKeys;
    private final StateBytes<V> bytes;

    ManagedMapState(
            CurrentKey<K> key, MapTable table, StateBytes<U> userKeys, StateBytes<V> bytes) {
        this.key = key;
        this.table = table;
        this.userKeys = userKeys;
        this.bytes = bytes;
    }

    @Override
    public @Nullable V get(U userKey) {
        DataOutputSerializer user =
                userKeys.write(Objects.requireNonNull(userKey, "a MapState holds no null keys"));
        boolean found = table.get(key.stateKey(), user.buffer(), 0, user.length(), bytes.slot());
        return found ? bytes.read() : null;
    }

    @Override
    public void put(U userKey, V value) {
        DataOutputSerializer user =
                userKeys.write(Objects.requireNonNull(userKey, "a MapState holds no null keys"));
        DataOutputSerializer written =
                bytes.write(Objects.requireNonNull(value, "a MapState holds no null values"));
        table.put(
                key.stateKey(),
                user.buffer(),
                0,
                user.length(),
                written.buffer(),
                0,
                written.length());
    }

    @Override
    public void putAll(Map<U, V> map) {
        map.forEach(this::put);
    }

    @Override
    public void remove(U userKey) {
        DataOutputSerializer user =
                userKeys.write(Objects.requireNonNull(userKey, "a MapState holds no null keys"));
        table.remove(key.stateKey(), user.buffer(), 0, user.length());
    }

    @Override
    public boolean contains(U userKey) {
        DataOutputSerializer user =
                userKeys.write(Objects.requireNonNull(userKey, "a MapState holds no null keys"));
        return table.contains(key.stateKey(), user.buffer(), 0, user.length());
    }

    @Override
    public Iterable<Map.Entry<U, V>> entries() {
        return iterate(Entries::entry);
    }

    @Override
    public Iterable<U> keys() {
        return iterate(Entries::key);
    }

    @Override
    public Iterable<V> values() {
        return iterate(Entries::value);
    }

    private <R> Iterable<R> iterate(Function<Entries, R> part) {
        StateKey owner = key.stateKey().copy();
        return () -> {
            Entries entries = new Entries(owner);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return entries.cursor.hasNext();
                }

                @Override
                public R next() {
                    if (!entries.cursor.next()) {
                        throw new NoSuchElementException("the map has no further entries");
                    }
                    return part.apply(entries);
                }

                @Override
                public void remove() {
                    entries.cursor.remove();
                }
            };
        };
    }

    /// One walk over a map.
    private final class Entries {
        final MapCursor cursor = table.newCursor();
        private final ByteSlot slot = new ByteSlot();

        Entries(StateKey owner) {
            cursor.open(owner);
        }

        U key() {
            cursor.readKey(slot);
            return userKeys.read(slot);
        }

        V value() {
            cursor.readValue(slot);
            return bytes.read(slot);
        }

        /// The entry the walk is at. Setting its value sets the state's, as long as the walk has
        /// not gone on.
        Map.Entry<U, V> entry() {
            return new AbstractMap.SimpleEntry<>(key(), value()) {
                private static final long serialVersionUID = 1L;

                @Override
                public V setValue(V value) {
                    DataOutputSerializer written =
                            bytes.write(
                                    Objects.requireNonNull(
                                            value, "a MapState holds no null values"));
                    cursor.update(written.buffer(), 0, written.length());
                    return super.setValue(value);
                }
            };
        }
    }

    @Override
    public boolean isEmpty() {
        return table.isEmpty(key.stateKey());
    }

    @Override
    public void clear() {
        table.clear(key.stateKey());
    }
}
