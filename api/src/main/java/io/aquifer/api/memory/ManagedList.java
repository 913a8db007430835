package io.aquifer.api.memory;

/// A list in managed memory that grows at its end.
///
/// An element costs its bytes and 9 to 13 more; a list that is not empty holds at least two pages
/// of 32 KiB.
///
/// Iterators read elements as they go, those added meanwhile too. After [#clear] an iterator made
/// before throws [java.util.ConcurrentModificationException].
///
/// Not in checkpoints: it is empty after a restart. See [ManagedMemory].
public interface ManagedList<T> extends Iterable<T> {
    /// Adds an element at the end, in constant time. Over budget it throws, and the list is as
    /// before.
    void add(T element);

    /// The element at a position, in constant time.
    ///
    /// @throws IndexOutOfBoundsException if `position` is not from 0 to below [#size]
    T get(long position);

    long size();

    default boolean isEmpty() {
        return size() == 0;
    }

    /// Removes all elements and gives the memory back.
    void clear();
}
