package io.aquifer.operators;

/// A list for each key and window, kept window by window, so that a fired window goes as a whole.
public interface WindowElements<K, V> {
    /// Adds to the current key's list in `window`.
    void add(long window, V value);

    /// Visits every key of `window` with its list, in no particular order, each as the current key.
    void forEach(long window, WindowValues.Visitor<K, Iterable<V>> visitor) throws Exception;

    void drop(long window);

    /// The windows that hold something, in no particular order: what a restored operator goes on
    /// with.
    long[] windows();
}
