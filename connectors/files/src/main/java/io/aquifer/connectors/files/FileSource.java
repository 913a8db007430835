package io.aquifer.connectors.files;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.connectors.files.RecordShape.Component;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/// Records read from a file, or from the files of a directory in name order.
///
/// ```java
/// record Flight(LocalDateTime date, int delay, int distance, String origin, String destination) {}
///
/// FileSource<Flight> flights = FileSource.of(Flight.class, Path.of("flights.csv.gz"))
///         .check("delay", delay -> delay >= -200 && delay <= 1440, "delay out of range");
/// ```
///
/// **Formats** go by the file's ending: CSV and TSV with a header, JSON lines, Parquet; the text
/// formats may be compressed with gzip (`.gz`). [#as] names the format where the ending does not.
/// In a directory, files whose names start with a dot, `*.crc`, `_SUCCESS` and empty files are
/// passed over, directories are not searched, and one format is allowed.
///
/// **Columns** find their record components by name: exactly, else from snake case (`dep_delay` for
/// `depDelay`), else by letters and digits without case. Columns without a component are ignored; a
/// component without a column is an error that names the nearest column.
///
/// **Component types**: `int`, `long`, `double`, `boolean` and their boxes, String, enums,
/// LocalDateTime, LocalDate, Instant, BigDecimal. Date-times are ISO 8601, with `T` or a blank,
/// seconds optional; an Instant without an offset is in UTC. A Parquet timestamp may also become a
/// `long`: milliseconds since the epoch.
///
/// **Rejects.** A row that does not become a record is handed over once as a
/// [io.aquifer.api.connector.Reject], with the first fault in the order of the file's columns (of
/// the record's components in JSON, whose fields have no order). For each column the value must be
/// there, be of the component's type, and pass its checks, in this order. Empty text and null are
/// "missing", except for boxed types and [#optional] columns. Blank lines are no rows. Rows are
/// numbered from 1 a file.
///
/// **Splits.** A split is a file; text and JSON lines that are not compressed are cut every 64 MiB.
/// Positions count rows, or bytes in uncompressed text and JSON lines, and any position a reader
/// reported can be read from again. A split's end tells a file of another length: it is the number
/// of rows in Parquet, and in CSV and compressed files the most rows that the file's bytes can be.
///
/// **Threads**: immutable, so any. Readers use the calling thread only.
public final class FileSource<T> implements Source<T> {
    static final long RANGE_BYTES = 64L * 1024 * 1024;

    /// How many bytes one byte of gzip can become: 258 for two bits.
    private static final long DEFLATE_RATIO_MAX = 1032;

    private final Path path;
    private final @Nullable FileFormat format;
    private final @Nullable RowRules<T> rules;
    private final TypeInformation<T> type;
    private final long rangeBytes;

    private FileSource(
            Path path,
            @Nullable FileFormat format,
            @Nullable RowRules<T> rules,
            TypeInformation<T> type,
            long rangeBytes) {
        this.path = path;
        this.format = format;
        this.rules = rules;
        this.type = type;
        this.rangeBytes = rangeBytes;
    }

    /// A source of records. The path is looked at when the job starts.
    ///
    /// @throws IllegalArgumentException when the record has a component that a column cannot fill
    public static <R extends Record> FileSource<R> of(Class<R> record, Path pathOrDirectory) {
        RowRules<R> rules = new RowRules<>(RecordShape.of(record), Set.of(), List.of());
        return new FileSource<>(
                pathOrDirectory, null, rules, TypeInformation.of(record), RANGE_BYTES);
    }

    /// A source of lines, without their ends; compressed when the name ends in `.gz`. A line that
    /// is not UTF-8 is rejected.
    public static FileSource<String> text(Path pathOrDirectory) {
        return new FileSource<>(
                pathOrDirectory,
                FileFormat.TEXT,
                null,
                TypeInformation.of(String.class),
                RANGE_BYTES);
    }

    /// Takes the files to be of this format, whatever their names end in. Only `.gz` keeps its
    /// meaning.
    public FileSource<T> as(FileFormat named) {
        if (rules == null || named == FileFormat.TEXT) {
            throw new IllegalArgumentException(
                    "lines of text are read with FileSource.text, records with FileSource.of; "
                            + "as() cannot turn one into the other");
        }
        return new FileSource<>(path, named, rules, type, rangeBytes);
    }

    /// Accepts the column's empty fields: null, or an empty text for a String. A column that is not
    /// there counts as empty.
    ///
    /// @param column the component's name, or a column's name that stands for it
    /// @throws IllegalArgumentException when there is no such component, or it is primitive
    public FileSource<T> optional(String column) {
        RowRules<T> current = records("optional");
        Component component = component(current, column);
        if (component.type().isPrimitive()) {
            throw new IllegalArgumentException(
                    "component '"
                            + component.name()
                            + "' of record "
                            + current.shape().type().getSimpleName()
                            + " is a primitive "
                            + component.type()
                            + " and cannot be empty; declare it with the box, such as Integer, or"
                            + " reject its empty fields");
        }
        Set<String> names = new HashSet<>(current.optional());
        names.add(component.name());
        return with(new RowRules<>(current.shape(), Set.copyOf(names), current.checks()));
    }

    /// Rejects rows whose whole number fails `ok`; times are tested as milliseconds since the
    /// epoch.
    ///
    /// @param column the component's name, or a column's name that stands for it
    /// @param reason what the reject says, one of few texts
    public FileSource<T> check(String column, LongPredicate ok, String reason) {
        return check(column, new Check.OfLong(ok, reason), "an int, a long or a time");
    }

    /// Rejects rows whose number fails `ok`.
    public FileSource<T> checkDouble(String column, DoublePredicate ok, String reason) {
        return check(column, new Check.OfDouble(ok, reason), "a number");
    }

    /// Rejects rows whose text, or enum name, fails `ok`.
    public FileSource<T> checkText(String column, Predicate<String> ok, String reason) {
        return check(column, new Check.OfText(ok, reason), "a String or an enum");
    }

    private FileSource<T> check(String column, Check check, String wanted) {
        RowRules<T> current = records("check");
        Component component = component(current, column);
        if (!BoundColumn.fits(check, component.kind())) {
            throw new IllegalArgumentException(
                    "this check wants "
                            + wanted
                            + ", but component '"
                            + component.name()
                            + "' of record "
                            + current.shape().type().getSimpleName()
                            + " is a "
                            + component.type().getSimpleName()
                            + "; use check, checkDouble or checkText according to the type");
        }
        List<RowRules.ColumnCheck> checks = new ArrayList<>(current.checks());
        checks.add(new RowRules.ColumnCheck(component.name(), check));
        return with(new RowRules<>(current.shape(), current.optional(), List.copyOf(checks)));
    }

    private RowRules<T> records(String call) {
        if (rules == null) {
            throw new IllegalArgumentException(
                    call
                            + " is about columns, but FileSource.text reads whole lines; "
                            + "read records with FileSource.of");
        }
        return rules;
    }

    private static Component component(RowRules<?> rules, String column) {
        List<String> names = rules.shape().components().stream().map(Component::name).toList();
        for (Component component : rules.shape().components()) {
            if (ColumnNames.matches(column, component.name())) {
                return component;
            }
        }
        String near = ColumnNames.nearest(column, names);
        throw new IllegalArgumentException(
                "record "
                        + rules.shape().type().getSimpleName()
                        + " has no component for column '"
                        + column
                        + "'"
                        + (near.isEmpty() ? "" : "; did you mean '" + near + "'?")
                        + (near.isEmpty() ? ". " : " ")
                        + "Its components are: "
                        + ColumnNames.list(names));
    }

    private FileSource<T> with(RowRules<T> changed) {
        return new FileSource<>(path, format, changed, type, rangeBytes);
    }

    /// For tests: cuts files into ranges of another size.
    FileSource<T> withRangeBytes(long bytes) {
        return new FileSource<>(path, format, rules, type, bytes);
    }

    @Override
    public String name() {
        Path name = path.getFileName();
        return name == null ? path.toString() : name.toString();
    }

    @Override
    public TypeInformation<T> producedType() {
        return type;
    }

    @Override
    public List<SourceSplit> splits() throws IOException {
        List<SourceSplit> splits = new ArrayList<>();
        for (DataFiles.DataFile file : DataFiles.list(path, format)) {
            long size = Files.size(file.path());
            String id = file.path().toString();
            long rows = check(file);
            if (!inBytes(file)) {
                splits.add(new SourceSplit(id, 0, rows));
                continue;
            }
            for (long start = 0; start < size; start += rangeBytes) {
                long end = Math.min(size, start + rangeBytes);
                splits.add(new SourceSplit(start == 0 ? id : id + "#" + start, start, end));
            }
        }
        return splits;
    }

    /// Whether positions are bytes; else they are rows.
    private static boolean inBytes(DataFiles.DataFile file) {
        boolean lines = file.format() == FileFormat.TEXT || file.format() == FileFormat.JSON_LINES;
        return lines && !FileFormat.isGzip(file.path());
    }

    /// Finds out early what would fail late: opens the file and matches its columns.
    ///
    /// @return how many rows it has, or can have at most
    private long check(DataFiles.DataFile file) throws IOException {
        switch (file.format()) {
            case PARQUET -> {
                try (ParquetSplitReader<T> reader =
                        new ParquetSplitReader<>(file.path(), records("Parquet"), 0)) {
                    return reader.rowCount();
                }
            }
            case CSV, TSV -> {
                DataFiles.checkText(file.path());
                reader(file, 0, Long.MAX_VALUE, 0).close();
            }
            case JSON_LINES -> {
                DataFiles.checkText(file.path());
                try (LineScanner lines = new LineScanner(DataFiles.open(file.path()), 0)) {
                    if (lines.next() && !lines.tooLong()) {
                        lines.dropByteOrderMark();
                        JsonLineParser.checkFirst(
                                file.path(),
                                lines.bytes(),
                                lines.start(),
                                lines.end(),
                                records("JSON lines"));
                    }
                }
            }
            case TEXT -> DataFiles.open(file.path()).close();
        }
        long size = Files.size(file.path());
        return FileFormat.isGzip(file.path()) ? Math.multiplyExact(size, DEFLATE_RATIO_MAX) : size;
    }

    @Override
    public SourceReader<T> createReader(SourceSplit split, long position) throws IOException {
        return reader(file(split), split.start(), split.end(), position);
    }

    private DataFiles.DataFile file(SourceSplit split) throws FileFormatException {
        String suffix = "#" + split.start();
        String file =
                split.start() > 0 && split.id().endsWith(suffix)
                        ? split.id().substring(0, split.id().length() - suffix.length())
                        : split.id();
        Path filePath = path.getFileSystem().getPath(file);
        FileFormat known = format != null ? format : FileFormat.byName(filePath);
        if (known == null) {
            throw FileFormatException.unknownExtension(filePath);
        }
        return new DataFiles.DataFile(filePath, known);
    }

    /// `row 1,203,114 of flights.csv`, or `byte 12,345 of words.txt` where positions are bytes; the
    /// row is the last one handed over, the byte the first one not.
    @Override
    public String describe(SourceSplit split, long position) {
        DataFiles.DataFile file;
        try {
            file = file(split);
        } catch (FileFormatException e) {
            return Source.super.describe(split, position); // not a split of this source
        }
        Path name = file.path().getFileName();
        return (inBytes(file) ? "byte " : "row ")
                + FileFormatException.grouped(position)
                + " of "
                + (name == null ? file.path() : name);
    }

    @SuppressWarnings("unchecked") // lines are read as String only by a source of String
    private SourceReader<T> reader(DataFiles.DataFile file, long start, long end, long position)
            throws IOException {
        Path filePath = file.path();
        return switch (file.format()) {
            case CSV -> new CsvSplitReader<>(filePath, ',', records("CSV"), position);
            case TSV -> new CsvSplitReader<>(filePath, '\t', records("TSV"), position);
            case PARQUET -> new ParquetSplitReader<>(filePath, records("Parquet"), position);
            case JSON_LINES ->
                    new LineSplitReader<>(
                            filePath,
                            new JsonLineParser<>(filePath, records("JSON lines")),
                            start,
                            end,
                            position);
            case TEXT ->
                    (SourceReader<T>)
                            new LineSplitReader<>(
                                    filePath,
                                    new LineParser.OfText(filePath.toString()),
                                    start,
                                    end,
                                    position);
        };
    }

    @Override
    public String toString() {
        return "FileSource[" + path + "]";
    }
}
