package io.aquifer.memory;

/// What kind of memory is charged.
public enum MemoryType {
    /// Pages outside the Java heap; the ledger hands them out itself.
    OFF_HEAP,
    /// Objects in the Java heap, charged by their measured size; the heap itself is the virtual
    /// machine's.
    HEAP,
    /// Files mapped for reading, charged by the length that is mapped; the page cache can drop
    /// them.
    MAPPED
}
