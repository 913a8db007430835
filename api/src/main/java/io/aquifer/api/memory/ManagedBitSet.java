package io.aquifer.api.memory;

/// A fixed number of bits in managed memory, all 0 at first. No call takes memory. A bit that is
/// not from 0 to below [#size] throws [IndexOutOfBoundsException].
///
/// Not in checkpoints: all bits are 0 after a restart. See [ManagedMemory].
public interface ManagedBitSet {
    boolean get(long bit);

    /// Sets a bit to 1; whether it was 0.
    boolean set(long bit);

    /// Sets a bit to 0; whether it was 1.
    boolean clear(long bit);

    /// The first bit from `from` on that is 1, or -1 if there is none.
    ///
    /// @param from from 0 to [#size], both included
    long nextSetBit(long from);

    /// How many bits there are.
    long size();

    /// How many bits are 1.
    long cardinality();

    /// Sets all bits to 0; the memory is kept.
    void clear();
}
