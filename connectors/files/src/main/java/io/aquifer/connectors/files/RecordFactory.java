package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

/// Calls a record's canonical constructor with the fields of a row.
interface RecordFactory {
    /// @param numbers by component: whole numbers, booleans as 0 and 1, doubles as their raw bits
    /// @param objects by component: everything that is not primitive
    Object make(long[] numbers, @Nullable Object[] objects);
}
