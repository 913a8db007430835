package io.aquifer.connectors.files;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.schema.ColumnSchema;

import io.aquifer.api.connector.SourceOutput;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a Parquet file from its first row or from a later one; positions are rows read, rejected
/// ones included.
///
/// Only the columns of the record are read, a page of each at a time. Row groups and pages before
/// the position are passed over without decoding.
final class ParquetSplitReader<T> implements RowSplitReader<T> {
    private final Path path;
    private final String source;
    private final RowRules<T> rules;
    private final ParquetFile file;
    private final Row row;
    private final ParquetColumn[] columns;
    private final List<ColumnSchema> schemas = new ArrayList<>();
    private final PageCodecs codecs = new PageCodecs();
    private int nextGroup;
    private long leftInGroup;
    private long position;
    private @Nullable ParquetColumn current;
    private @Nullable IOException failure;

    ParquetSplitReader(Path path, RowRules<T> rules, long position) throws IOException {
        this.path = path;
        this.source = path.toString();
        this.rules = rules;
        file = new ParquetFile(path);
        try {
            List<ColumnSchema> flat = file.flatColumns();
            RowRules.Binding binding =
                    rules.bind(path, flat.stream().map(ColumnSchema::name).toList());
            row = binding.row();
            columns = bind(flat, binding);
            skip(position);
            this.position = position;
        } catch (FileFormatException | FileAccessException e) {
            file.close();
            throw e;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw damaged(e);
        }
    }

    private ParquetColumn[] bind(List<ColumnSchema> flat, RowRules.Binding binding)
            throws IOException {
        List<ParquetColumn> wanted = new ArrayList<>();
        for (int i = 0; i < flat.size(); i++) {
            BoundColumn bound = binding.byColumn()[i];
            if (bound == null) {
                continue;
            }
            ColumnSchema schema = flat.get(i);
            ParquetConversion conversion = ParquetConversion.of(schema);
            RecordShape.Component component = bound.component();
            if (conversion == null || !conversion.kinds.contains(component.kind())) {
                throw FileFormatException.of(
                        path,
                        "has "
                                + ParquetConversion.describe(schema)
                                + " in column '"
                                + schema.name()
                                + "', which cannot become the "
                                + component.type().getSimpleName()
                                + " '"
                                + component.name()
                                + "' of record "
                                + rules.shape().type().getSimpleName()
                                + ". Change the component's type or write the column with another"
                                + " one.");
            }
            for (RowGroup group : file.footer().rowGroups()) {
                if (schema.columnIndex() >= group.columns().size()) {
                    throw damaged(
                            new IOException("a row group without column '" + schema.name() + "'"));
                }
                ColumnChunk chunk = group.columns().get(schema.columnIndex());
                if (!PageCodecs.supports(chunk.metaData().codec())) {
                    throw FileFormatException.of(
                            path,
                            "is compressed with "
                                    + chunk.metaData().codec()
                                    + ", which cannot be read. Write it again with ZSTD, SNAPPY,"
                                    + " LZ4_RAW, GZIP or uncompressed.");
                }
            }
            schemas.add(schema);
            wanted.add(new ParquetColumn(schema, bound, conversion));
        }
        return wanted.toArray(ParquetColumn[]::new);
    }

    private void skip(long rows) throws IOException {
        if (rows > rowCount()) {
            throw RowSplitReader.tooFew(path, rows, rowCount());
        }
        List<RowGroup> groups = file.footer().rowGroups();
        long left = rows;
        while (nextGroup < groups.size() && left >= groups.get(nextGroup).numRows()) {
            left -= groups.get(nextGroup++).numRows();
        }
        if (left > 0 && openGroup()) {
            for (ParquetColumn column : columns) {
                current = column;
                column.skip(left);
            }
            leftInGroup -= left;
        }
    }

    long rowCount() {
        return file.footer().numRows();
    }

    private boolean openGroup() throws IOException {
        List<RowGroup> groups = file.footer().rowGroups();
        while (leftInGroup == 0) {
            if (nextGroup == groups.size()) {
                return false;
            }
            RowGroup group = groups.get(nextGroup++);
            for (int i = 0; i < columns.length; i++) {
                current = columns[i];
                columns[i].open(
                        file,
                        group.columns().get(schemas.get(i).columnIndex()),
                        group.numRows(),
                        codecs);
            }
            leftInGroup = group.numRows();
        }
        return true;
    }

    @Override
    public boolean read(SourceOutput<T> output, int most) throws IOException {
        if (failure != null) {
            throw failure;
        }
        int left = most;
        while (left > 0) {
            int count;
            try {
                if (!openGroup()) {
                    break;
                }
                count = (int) Math.min(left, leftInGroup);
                for (ParquetColumn column : columns) {
                    current = column;
                    count = Math.min(count, column.available());
                }
            } catch (IOException | RuntimeException e) {
                failure = damaged(e);
                throw failure;
            }
            for (int i = 0; i < count; i++) {
                readRow(output);
            }
            left -= count;
        }
        return left < most;
    }

    private void readRow(SourceOutput<T> output) {
        String fault = null;
        String value = "";
        String name = "";
        for (ParquetColumn column : columns) {
            String found = column.accept();
            if (found != null && fault == null) {
                fault = found;
                value = column.describe();
                name = column.name();
            }
        }
        position++;
        leftInGroup--;
        if (fault == null) {
            RowSplitReader.emit(output, rules, row, source, position);
        } else {
            RowSplitReader.reject(output, source, Long.toString(position), name, fault, value);
        }
    }

    private IOException damaged(Exception cause) {
        if (cause instanceof FileFormatException known) {
            return known;
        }
        ParquetColumn column = current;
        String before =
                position == 0
                        ? "No row could be read."
                        : "The "
                                + FileFormatException.grouped(position)
                                + " rows before were read.";
        return FileFormatException.damaged(
                path,
                "is damaged"
                        + (column == null
                                ? ""
                                : " in column '"
                                        + column.name()
                                        + "' after row "
                                        + FileFormatException.grouped(position))
                        + " ("
                        + ParquetFile.oneLine(cause)
                        + ")",
                before,
                cause);
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long heapBytes() {
        long bytes = 0;
        for (ParquetColumn column : columns) {
            bytes += column.heapBytes();
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
