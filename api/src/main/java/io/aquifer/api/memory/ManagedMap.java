package io.aquifer.api.memory;

import org.jspecify.annotations.Nullable;

import java.util.function.BiConsumer;

/// A hash map in managed memory. Keys are equal when their serialized bytes are, as equal keys'
/// are.
///
/// An entry costs its bytes and about 20 more. Pages go back as entries are removed.
///
/// Not in checkpoints: it is empty after a restart. See [ManagedMemory].
public interface ManagedMap<K, V> {
    @Nullable V get(K key);

    /// Over budget it throws, and the key has its value of before, or still none.
    void put(K key, V value);

    /// Whether it was there.
    boolean remove(K key);

    boolean contains(K key);

    long size();

    default boolean isEmpty() {
        return size() == 0;
    }

    /// Calls `visitor` once for each entry, in no particular order.
    ///
    /// The visitor may read the map, put keys that are there, and remove any; what is removed
    /// before its turn is not visited. Adding a key or clearing the map throws
    /// [IllegalStateException] and changes nothing: collect the keys, say in a [ManagedList], and
    /// do it afterwards.
    void forEach(BiConsumer<? super K, ? super V> visitor);

    /// Removes all entries and gives the memory back.
    void clear();
}
