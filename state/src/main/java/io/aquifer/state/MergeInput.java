package io.aquifer.state;

import java.io.IOException;

/// Sorted records, one after the other, that a [Merge] reads.
interface MergeInput<E> {
    /// Goes to the next record, the first at first; false at the end.
    boolean advance() throws IOException;

    /// The record as an object.
    E head();

    /// The record's bytes, until the next call of any input of the same merge.
    ByteSlot bytes();
}
