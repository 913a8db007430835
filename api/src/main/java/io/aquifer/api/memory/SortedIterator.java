package io.aquifer.api.memory;

import java.util.Iterator;

/// The elements of a [ManagedSorter] in order. At the end it closes itself; whoever stops before
/// closes it, best by `try`. Once closed early, it throws [IllegalStateException] when read on.
public interface SortedIterator<T> extends Iterator<T>, AutoCloseable {
    @Override
    void close();
}
