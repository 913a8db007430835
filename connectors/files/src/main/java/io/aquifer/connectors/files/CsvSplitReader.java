package io.aquifer.connectors.files;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;

import io.aquifer.api.connector.SourceOutput;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Reads a CSV file from its first row or from a later one; positions are data rows read, rejected
/// ones included.
///
/// The dialect is lenient where RFC 4180 leaves no doubt about the meaning: text behind a closing
/// quote belongs to the field, blank lines are passed over. A field of more than 16 Mi characters
/// is an error.
final class CsvSplitReader<T> implements RowSplitReader<T> {
    private static final int FIELD_LENGTH_MAX = 16 * 1024 * 1024;

    /// The reader's buffer of bytes, the parser's of characters, and the row at hand, about; a
    /// longer field makes the parser's grow for a while.
    private static final long HEAP_BYTES = 192 * 1024;

    private final Path file;
    private final String source;
    private final RowRules<T> rules;
    private final Row row;
    private final Utf8Reader input;
    private final CsvReader<CsvRows> parser;
    private final CloseableIterator<CsvRows> rows;
    private final CsvRows handler;
    private long position;
    private boolean ended;
    private @Nullable IOException failure;

    CsvSplitReader(Path file, char separator, RowRules<T> rules, long position) throws IOException {
        this.file = file;
        this.source = file.toString();
        this.rules = rules;
        input = new Utf8Reader(DataFiles.open(file));
        handler = new CsvRows(input);
        parser = parser(separator, handler, input);
        rows = parser.iterator();
        try {
            row = readHeader();
            handler.skip(true);
            while (this.position < position && next()) {
                this.position++;
            }
            handler.skip(false);
            if (this.position < position) {
                throw RowSplitReader.tooFew(file, position, this.position);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    @SuppressWarnings(
            "removal") // without the leniency one stray quote would end the file instead of
    // spoiling a field
    private static CsvReader<CsvRows> parser(char separator, CsvRows handler, Utf8Reader input) {
        return CsvReader.builder()
                .fieldSeparator(separator)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .allowExtraCharsAfterClosingQuote(true)
                .allowUnclosedQuote(true)
                .maxBufferSize(FIELD_LENGTH_MAX)
                .build(handler, input);
    }

    private Row readHeader() throws IOException {
        boolean found = next();
        List<String> header = handler.header();
        if (!found) {
            throw FileFormatException.of(
                    file,
                    "has no header: there is no line that is not blank. Its first line must name"
                            + " the columns; if the file is meant to be empty, take it out of the"
                            + " input.");
        }
        if (handler.outcome() != CsvRows.Outcome.HEADER) {
            throw FileFormatException.of(
                    file, "has a header whose quote is never closed. Look at its first line.");
        }
        RowRules.Binding binding = rules.bind(file, header);
        handler.bind(binding);
        return binding.row();
    }

    @Override
    public boolean read(SourceOutput<T> output, int most) throws IOException {
        int count = 0;
        for (; count < most && next(); count++) {
            position++;
            if (handler.outcome() == CsvRows.Outcome.ROW) {
                RowSplitReader.emit(output, rules, row, source, position);
            } else {
                RowSplitReader.reject(
                        output,
                        source,
                        Long.toString(position),
                        handler.faultColumn(),
                        handler.faultReason(),
                        handler.faultValue());
            }
        }
        return count > 0;
    }

    /// Fetches the next row; false at the end. A failure of the bytes is thrown when the rows
    /// before have been read.
    private boolean next() throws IOException {
        if (failure != null) {
            throw failure;
        } else if (ended) {
            return false;
        }
        try {
            rows.next();
        } catch (CsvParseException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            } else if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            failure =
                    FileFormatException.rowTooLong(
                            file,
                            position == 0 && handler.header().isEmpty()
                                    ? "the header"
                                    : "row " + (position + 1));
            throw failure;
        }
        switch (handler.outcome()) {
            case END -> {
                ended = true;
                return false;
            }
            case CUT_OFF -> {
                failure = DataFiles.explain(file, input.failure(), position);
                throw failure;
            }
            default -> {
                ended = handler.isLast();
                return true;
            }
        }
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long heapBytes() {
        return HEAP_BYTES;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
