package io.aquifer.engine;

import io.aquifer.api.state.MapState;
import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.state.file.StateFileWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.BiFunction;

/// A [MapState] on the Java heap. Iterations give the entries that were there at their start, in
/// the order in which they were put first, but for those removed meanwhile.
final class HeapMapState<K, U, V> implements MapState<U, V> {
    private final CurrentKey<K> key;
    private final TypeSerializer<K> keySerializer;
    private final HeapCharge charge;
    private final EntrySerializer<U, V> entrySerializer;
    private final Map<K, Map<U, V>> maps = new HashMap<>();

    HeapMapState(
            CurrentKey<K> key,
            TypeSerializer<K> keySerializer,
            HeapCharge charge,
            TypeSerializer<U> userKeySerializer,
            TypeSerializer<V> valueSerializer) {
        this.key = key;
        this.keySerializer = keySerializer;
        this.charge = charge;
        this.entrySerializer = new EntrySerializer<>(userKeySerializer, valueSerializer);
    }

    private Map<U, V> of(K owner) {
        Map<U, V> map = maps.get(owner);
        return map == null ? Map.of() : map;
    }

    @Override
    public @Nullable V get(U userKey) {
        return of(key.get()).get(present(userKey));
    }

    @Override
    public void put(U userKey, V value) {
        put(key.get(), userKey, value);
    }

    private void put(K owner, U userKey, V value) {
        Objects.requireNonNull(value, "a MapState holds no null values");
        boolean known = of(owner).containsKey(present(userKey));
        charge.put(keySerializer, owner, entrySerializer, Map.entry(userKey, value), known ? 0 : 1);
        maps.computeIfAbsent(owner, ignored -> new LinkedHashMap<>()).put(userKey, value);
    }

    private static <T> T present(T userKey) {
        return Objects.requireNonNull(userKey, "a MapState holds no null keys");
    }

    @Override
    public void putAll(Map<U, V> all) {
        all.forEach(this::put);
    }

    @Override
    public void remove(U userKey) {
        remove(key.get(), present(userKey));
    }

    private void remove(K owner, U userKey) {
        Map<U, V> map = maps.get(owner);
        if (map != null && map.remove(userKey) != null) {
            charge.remove(1);
            if (map.isEmpty()) {
                maps.remove(owner);
            }
        }
    }

    @Override
    public boolean contains(U userKey) {
        return of(key.get()).containsKey(present(userKey));
    }

    @Override
    public Iterable<Map.Entry<U, V>> entries() {
        K owner = key.get();
        return () ->
                new Walk<Map.Entry<U, V>>(owner, (userKey, value) -> entry(owner, userKey, value));
    }

    @Override
    public Iterable<U> keys() {
        K owner = key.get();
        return () -> new Walk<>(owner, (userKey, value) -> userKey);
    }

    @Override
    public Iterable<V> values() {
        K owner = key.get();
        return () -> new Walk<>(owner, (userKey, value) -> value);
    }

    private Map.Entry<U, V> entry(K owner, U userKey, V value) {
        return new AbstractMap.SimpleEntry<>(userKey, value) {
            private static final long serialVersionUID = 1L;

            @Override
            public V setValue(V newValue) {
                put(owner, userKey, newValue);
                return super.setValue(newValue);
            }
        };
    }

    /// One iteration over the map of `owner`.
    private final class Walk<R> implements Iterator<R> {
        private final K owner;
        private final BiFunction<U, V, R> part;
        private final List<U> userKeys;
        private int next;
        private @Nullable U last;

        Walk(K owner, BiFunction<U, V, R> part) {
            this.owner = owner;
            this.part = part;
            this.userKeys = new ArrayList<>(of(owner).keySet());
        }

        @Override
        public boolean hasNext() {
            Map<U, V> map = of(owner);
            while (next < userKeys.size() && !map.containsKey(userKeys.get(next))) {
                next++;
            }
            return next < userKeys.size();
        }

        @Override
        public R next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the map has no further entries");
            }
            U userKey = userKeys.get(next++);
            last = userKey;
            return part.apply(userKey, Objects.requireNonNull(of(owner).get(userKey)));
        }

        @Override
        public void remove() {
            U removed = last;
            if (removed == null) {
                throw new IllegalStateException(
                        "remove() needs a next() before it, and only one of it");
            }
            last = null;
            HeapMapState.this.remove(owner, removed);
        }
    }

    @Override
    public boolean isEmpty() {
        return of(key.get()).isEmpty();
    }

    @Override
    public void clear() {
        Map<U, V> map = maps.remove(key.get());
        if (map != null) {
            charge.remove(map.size());
        }
    }

    void writeTo(
            HeapEntries<K> entries,
            TypeSerializer<U> userKeys,
            TypeSerializer<V> values,
            StateFileWriter out)
            throws IOException {
        for (Map.Entry<K, Map<U, V>> map : maps.entrySet()) {
            for (Map.Entry<U, V> entry : map.getValue().entrySet()) {
                entries.write(
                        out, map.getKey(), userKeys, entry.getKey(), values, entry.getValue());
            }
        }
    }

    /// Writes an entry, to learn its size.
    private record EntrySerializer<U, V>(TypeSerializer<U> keys, TypeSerializer<V> values)
            implements TypeSerializer<Map.Entry<U, V>> {
        @Override
        public void serialize(Map.Entry<U, V> value, DataOutputSerializer out) {
            keys.serialize(value.getKey(), out);
            values.serialize(value.getValue(), out);
        }

        @Override
        public Map.Entry<U, V> deserialize(DataInputDeserializer in) {
            return Map.entry(keys.deserialize(in), values.deserialize(in));
        }
    }
}
