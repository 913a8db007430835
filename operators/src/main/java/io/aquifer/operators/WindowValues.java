package io.aquifer.operators;

import org.jspecify.annotations.Nullable;

/// One value for each key and window, kept window by window, so that a fired window goes as a
/// whole.
///
/// A window is known by a number, its start. Used by the subtask's thread.
public interface WindowValues<K, V> {
    /// The current key's value in `window`, or null.
    @Nullable V get(long window);

    /// Sets the current key's value in `window`.
    void put(long window, V value);

    /// Visits every key of `window`, in no particular order, each as the current key.
    void forEach(long window, Visitor<K, V> visitor) throws Exception;

    /// Lets go of all that `window` holds.
    void drop(long window);

    /// The windows that hold something, in no particular order: what a restored operator goes on
    /// with.
    long[] windows();

    /// Takes one entry of a window.
    interface Visitor<K, V> {
        void visit(K key, V value) throws Exception;
    }
}
