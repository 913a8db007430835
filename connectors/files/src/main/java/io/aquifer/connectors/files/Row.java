package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

/// The fields of the row being read, by record component; reused from row to row.
final class Row {
    final long[] numbers;
    final @Nullable Object[] objects;

    Row(int components) {
        numbers = new long[components];
        objects = new Object[components];
    }
}
