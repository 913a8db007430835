package io.aquifer.connectors.files;

import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;

import java.nio.file.Path;

/// What all readers of files share: how a row becomes a record or a reject.
sealed interface RowSplitReader<T> extends SourceReader<T>
        permits CsvSplitReader, LineSplitReader, ParquetSplitReader {
    int VALUE_LENGTH_MAX = 200;

    static <T> void reject(
            SourceOutput<T> output,
            String source,
            String row,
            String column,
            String reason,
            String value) {
        output.reject(new Reject(source, row, column, reason, shortened(value)));
    }

    static FileFormatException tooFew(Path file, long position, long rows) {
        return FileFormatException.changed(
                file,
                "row " + FileFormatException.grouped(position),
                "it has " + FileFormatException.grouped(rows) + " rows");
    }

    static String shortened(String value) {
        String readable = Utf8Reader.readable(value);
        if (readable.length() <= VALUE_LENGTH_MAX) {
            return readable;
        }
        int end = VALUE_LENGTH_MAX - 1;
        if (Character.isHighSurrogate(readable.charAt(end - 1))) {
            end--;
        }
        return readable.substring(0, end) + "…";
    }

    /// Makes the record, or rejects the row that its constructor refuses.
    static <T> void emit(
            SourceOutput<T> output, RowRules<T> rules, Row row, String source, long number) {
        T made;
        try {
            made = rules.make(row);
        } catch (RuntimeException e) {
            reject(
                    output,
                    source,
                    Long.toString(number),
                    "",
                    "refused by " + rules.shape().type().getSimpleName(),
                    String.valueOf(e.getMessage()));
            return;
        }
        output.collect(made);
    }
}
