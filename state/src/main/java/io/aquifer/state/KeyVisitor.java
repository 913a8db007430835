package io.aquifer.state;

/// Receives the keys of a [ListTable] or a [MapTable], one call each, on the thread that iterates.
@FunctionalInterface
public interface KeyVisitor {
    /// Called once per key. The slot belongs to the table and is overwritten for the next key. The
    /// visited key may be changed or cleared in the table from here; no other key may come or go.
    void visit(ByteSlot key);
}
