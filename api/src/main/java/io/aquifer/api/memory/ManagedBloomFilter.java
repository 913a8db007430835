package io.aquifer.api.memory;

/// A set in managed memory that is small, knows every element added to it, and takes some others
/// for added too, at a rate that was chosen. No call takes memory.
///
/// Not in checkpoints: it is empty after a restart. See [ManagedMemory].
public interface ManagedBloomFilter<T> {
    /// Adds an element; true if it is certain that it had not been added before, false if it had,
    /// or by chance.
    boolean add(T element);

    /// False if the element was certainly not added; true if it was, or by chance.
    boolean mightContain(T element);

    /// Forgets all elements; the memory is kept.
    void clear();
}
