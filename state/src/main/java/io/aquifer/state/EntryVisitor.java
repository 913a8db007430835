package io.aquifer.state;

/// Receives the entries of a [ValueTable], one call each, on the thread that iterates.
@FunctionalInterface
public interface EntryVisitor {
    /// Called once per entry. Both slots belong to the table and are overwritten for the next
    /// entry. The visited key may be updated or removed in the table from here, nothing else may
    /// change.
    void visit(ByteSlot key, ByteSlot value);
}
