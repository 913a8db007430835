package io.aquifer.connectors.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Writes records as the rows of one format. It does not close what it writes to.
sealed interface RowWriter {
    void write(Object record) throws IOException;

    /// Hands everything on to the part file.
    void flush() throws IOException;

    /// Comma-separated with a header; a field is quoted where RFC 4180 wants it, a line ends with
    /// LF.
    final class Csv implements RowWriter {
        private final RecordColumns columns;
        private final CsvWriter writer;
        private final @Nullable String[] fields;

        Csv(RecordColumns columns, PartFile part) throws IOException {
            this.columns = columns;
            this.fields = new String[columns.count()];
            CsvWriter.CsvWriterBuilder builder =
                    CsvWriter.builder().lineDelimiter(LineDelimiter.LF);
            if (fields.length == 1) {
                // An empty field alone would be a blank line, which readers pass over.
                builder.quoteStrategy(QuoteStrategies.EMPTY);
            }
            writer = builder.build(new OutputStreamWriter(part, StandardCharsets.UTF_8));
            for (int i = 0; i < fields.length; i++) {
                fields[i] = columns.name(i);
            }
            writeFields();
        }

        @Override
        public void write(Object record) throws IOException {
            for (int i = 0; i < fields.length; i++) {
                Object value = columns.value(record, i);
                fields[i] = value == null ? null : columns.text(value, i);
            }
            writeFields();
        }

        @SuppressWarnings("NullAway") // FastCSV writes null as an empty field
        private void writeFields() throws IOException {
            try {
                if (fields.length == 1 && fields[0] == null) {
                    fields[0] = "";
                }
                writer.writeRecord(fields);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                writer.flush();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    /// A JSON object a line, with the columns in the record's order; numbers that JSON has no text
    /// for become null.
    final class JsonLines implements RowWriter {
        private static final JsonFactory FACTORY =
                JsonFactory.builder()
                        .disable(com.fasterxml.jackson.core.StreamWriteFeature.AUTO_CLOSE_TARGET)
                        .disable(
                                com.fasterxml.jackson.core.StreamWriteFeature
                                        .FLUSH_PASSED_TO_STREAM)
                        .build();

        private final RecordColumns columns;
        private final PartFile part;
        private final JsonGenerator generator;

        JsonLines(RecordColumns columns, PartFile part) throws IOException {
            this.columns = columns;
            this.part = part;
            generator = FACTORY.createGenerator(part);
            generator.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
        }

        @Override
        public void write(Object record) throws IOException {
            generator.writeStartObject();
            for (int i = 0; i < columns.count(); i++) {
                generator.writeFieldName(columns.name(i));
                writeValue(columns.value(record, i), i);
            }
            generator.writeEndObject();
        }

        private void writeValue(@Nullable Object value, int index) throws IOException {
            switch (value) {
                case null -> generator.writeNull();
                case Integer number -> generator.writeNumber(number);
                case Long number -> generator.writeNumber(number);
                case Boolean truth -> generator.writeBoolean(truth);
                case Double number when !Double.isFinite(number) -> generator.writeNull();
                default -> {
                    FieldKind kind = columns.kind(index);
                    String text = columns.text(value, index);
                    if (kind == FieldKind.DOUBLE || kind == FieldKind.DECIMAL) {
                        generator.writeNumber(text);
                    } else {
                        generator.writeString(text);
                    }
                }
            }
        }

        @Override
        public void flush() throws IOException {
            boolean any = generator.getOutputContext().getEntryCount() > 0;
            generator.flush();
            if (any) {
                part.write('\n');
            }
        }
    }
}
