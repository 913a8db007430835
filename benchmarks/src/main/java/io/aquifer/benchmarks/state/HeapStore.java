package io.aquifer.benchmarks.state;

import java.util.HashMap;
import java.util.Map;

/// Objects in a plain [HashMap]: less work than any backend that keeps state on the heap.
final class HeapStore<K, V> implements KeyedStore<K, V> {
    private final Map<K, V> values = new HashMap<>();
    private final long before = used();

    @Override
    public void put(K key, V value) {
        values.put(key, value);
    }

    @Override
    public V get(K key) {
        V value = values.get(key);
        if (value == null) {
            throw new IllegalStateException("a key is missing");
        }
        return value;
    }

    /// What is reachable, after a collection of all.
    @Override
    public long bytes() {
        return used() - before;
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Override
    public void close() {
        values.clear();
    }
}
