package io.aquifer.state;

/// Hands over the elements of a list one after the other.
@FunctionalInterface
public interface ElementSource {
    /// Puts the next element into `out`; false if there is none. Must not touch the table that
    /// asks.
    boolean next(ByteSlot out);
}
