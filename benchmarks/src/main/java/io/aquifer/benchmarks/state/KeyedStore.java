package io.aquifer.benchmarks.state;

/// State of one kind as a user's function has it, for the current key: boxed in, boxed out.
///
/// @param <K> the keys
/// @param <V> the values
interface KeyedStore<K, V> extends AutoCloseable {
    void put(K key, V value);

    V get(K key);

    /// Bytes that the state takes, all together.
    long bytes();

    @Override
    void close();
}
