package io.aquifer.api.state;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/// A map for each key. Entries may be put, changed and removed while iterating: an entry changed by
/// another call is seen with either value, one removed is not seen later, one added may or may not
/// be seen.
public interface MapState<K, V> extends State {
    @Nullable V get(K key);

    void put(K key, V value);

    void putAll(Map<K, V> map);

    void remove(K key);

    boolean contains(K key);

    Iterable<Map.Entry<K, V>> entries();

    Iterable<K> keys();

    Iterable<V> values();

    boolean isEmpty();
}
