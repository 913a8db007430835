package io.aquifer.engine;

import io.aquifer.api.state.MapState;
import io.aquifer.api.types.TtlValue;

import org.jspecify.annotations.Nullable;

import java.util.AbstractMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Function;

/// A map whose entries expire one by one; an entry is dropped by the read that finds it expired,
/// and by an iteration that does not show it.
record TtlMapState<K, V>(MapState<K, TtlValue<V>> state, TimeToLive ttl) implements MapState<K, V> {
    @Override
    public @Nullable V get(K key) {
        TtlValue<V> stored = state.get(key);
        if (stored == null) {
            return null;
        }
        if (ttl.isExpired(stored)) {
            state.remove(key);
            return ttl.showsExpired() ? stored.value() : null;
        }
        if (ttl.renewedByReads()) {
            state.put(key, ttl.stamped(stored.value()));
        }
        return stored.value();
    }

    @Override
    public void put(K key, V value) {
        state.put(key, stamped(value));
    }

    private TtlValue<V> stamped(V value) {
        return ttl.stamped(Objects.requireNonNull(value, "a MapState holds no null values"));
    }

    @Override
    public void putAll(Map<K, V> map) {
        map.forEach(this::put);
    }

    @Override
    public void remove(K key) {
        state.remove(key);
    }

    @Override
    public boolean contains(K key) {
        return get(key) != null;
    }

    @Override
    public Iterable<Map.Entry<K, V>> entries() {
        return iterate(this::entry);
    }

    private Map.Entry<K, V> entry(Map.Entry<K, TtlValue<V>> stored) {
        return new AbstractMap.SimpleEntry<>(stored.getKey(), stored.getValue().value()) {
            private static final long serialVersionUID = 1L;

            @Override
            public V setValue(V value) {
                stored.setValue(stamped(value));
                return super.setValue(value);
            }
        };
    }

    @Override
    public Iterable<K> keys() {
        return iterate(Map.Entry::getKey);
    }

    @Override
    public Iterable<V> values() {
        return iterate(stored -> stored.getValue().value());
    }

    private <R> Iterable<R> iterate(Function<Map.Entry<K, TtlValue<V>>, R> part) {
        Iterable<Map.Entry<K, TtlValue<V>>> all = state.entries();
        return () -> new Living<>(all.iterator(), ttl, part);
    }

    /// Drops what has expired as it goes.
    private static final class Living<K, V, R> implements Iterator<R> {
        private final Iterator<Map.Entry<K, TtlValue<V>>> all;
        private final TimeToLive ttl;
        private final Function<Map.Entry<K, TtlValue<V>>, R> part;
        private @Nullable R ahead;
        private boolean removable;

        Living(
                Iterator<Map.Entry<K, TtlValue<V>>> all,
                TimeToLive ttl,
                Function<Map.Entry<K, TtlValue<V>>, R> part) {
            this.all = all;
            this.ttl = ttl;
            this.part = part;
        }

        @Override
        public boolean hasNext() {
            while (ahead == null && all.hasNext()) {
                removable = false;
                Map.Entry<K, TtlValue<V>> stored = all.next();
                if (!ttl.isExpired(stored.getValue())) {
                    if (ttl.renewedByReads()) {
                        stored.setValue(ttl.stamped(stored.getValue().value()));
                    }
                    ahead = part.apply(stored);
                } else if (ttl.showsExpired()) {
                    ahead = part.apply(stored);
                } else {
                    all.remove();
                }
            }
            return ahead != null;
        }

        @Override
        public R next() {
            R next = hasNext() ? ahead : null;
            if (next == null) {
                throw new NoSuchElementException("the map has no further entries");
            }
            ahead = null;
            removable = true;
            return next;
        }

        @Override
        public void remove() {
            if (!removable) {
                throw new IllegalStateException(
                        "remove() needs a next() before it, without hasNext() between them, and"
                                + " only one of it");
            }
            removable = false;
            all.remove();
        }
    }

    /// Neither drops nor renews: no entry was read.
    @Override
    public boolean isEmpty() {
        for (TtlValue<V> stored : state.values()) {
            if (ttl.showsExpired() || !ttl.isExpired(stored)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void clear() {
        state.clear();
    }
}
