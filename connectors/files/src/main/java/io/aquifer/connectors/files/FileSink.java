package io.aquifer.connectors.files;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Records written to the files of a directory, each file by one subtask: `.csv` or `.jsonl`.
///
/// Columns are the record's components in snake case. A LocalDateTime is written as
/// `2001-01-01T00:01`, with seconds when they are not zero; a double in plain decimals, or rounded
/// half up to [#decimals]. What is null is an empty field in CSV and `null` in JSON.
///
/// **Names.** A job without checkpoints leaves `<prefix>-<subtask>.csv` for every subtask at its
/// end. One with checkpoints leaves `<prefix>-<subtask>-<checkpoint>.csv` for every subtask and
/// checkpoint that has rows, as soon as the checkpoint is complete; checkpoints have six digits or
/// more, and rise, so that the files of a subtask sort by name in the order they were written.
/// Without any row it leaves one file without rows, of the first subtask, at its end.
///
/// **Invariant**: a file without a leading dot is whole, and each row is in one such file once,
/// however often the job was interrupted. Rows are written under a hidden name that carries the
/// run's id, and get the visible name by renaming. The hidden `.<prefix>.csv.manifest` names the
/// files that are the sink's own; the first commit of another run replaces these. A file that is
/// not in the manifest is somebody else's: it is never touched, and [#open] and commits refuse to
/// go on when its name is in the way.
///
/// | Call           | What it refuses                                                                              |
/// |----------------|----------------------------------------------------------------------------------------------|
/// | [#open]        | a directory that cannot be made or written, a file in its place, somebody else's output, another job that writes there, going on where earlier output is lost |
/// | [SinkWriter]   | a full disk, with how many bytes were written before                                         |
/// | [SinkCommitter]| what the disk refuses, a file that has come in the way                                       |
///
/// **Threads**: immutable, so any; each writer is for one thread.
public final class FileSink<R extends Record> implements Sink<R> {
    private static final long serialVersionUID = 1L;

    private final String directory;
    private final String prefix;
    private final Class<R> record;
    private final FileFormat format;
    private final HashMap<String, Integer> decimals;

    @SuppressWarnings("serial") // a sink that is sent elsewhere needs a serializable comparator
    private final @Nullable Comparator<? super R> order;

    /// The machine's when null, as after deserialization.
    private final transient @Nullable Disk disk;

    private FileSink(
            String directory,
            String prefix,
            Class<R> record,
            FileFormat format,
            Map<String, Integer> decimals,
            @Nullable Comparator<? super R> order,
            @Nullable Disk disk) {
        this.directory = directory;
        this.prefix = prefix;
        this.record = record;
        this.format = format;
        this.decimals = new HashMap<>(decimals);
        this.order = order;
        this.disk = disk;
    }

    /// Files with a header, RFC 4180.
    ///
    /// @param prefix what the files' names start with: letters, digits, `-`, `_` and dots inside
    /// @throws IllegalArgumentException when the prefix is no such name or a component cannot be
    ///   written
    public static <R extends Record> FileSink<R> csv(
            Path directory, String prefix, Class<R> record) {
        return of(directory, prefix, record, FileFormat.CSV);
    }

    /// Files of JSON objects, one a line.
    ///
    /// @param prefix what the files' names start with: letters, digits, `-`, `_` and dots inside
    /// @throws IllegalArgumentException when the prefix is no such name or a component cannot be
    ///   written
    public static <R extends Record> FileSink<R> jsonLines(
            Path directory, String prefix, Class<R> record) {
        return of(directory, prefix, record, FileFormat.JSON_LINES);
    }

    private static <R extends Record> FileSink<R> of(
            Path directory, String prefix, Class<R> record, FileFormat format) {
        if (!prefix.matches("[A-Za-z0-9_][A-Za-z0-9_.-]*")) {
            throw new IllegalArgumentException(
                    "'"
                            + prefix
                            + "' cannot start the names of files; use letters, digits, "
                            + "'-', '_' and dots, with a letter, digit or '_' first");
        }
        RecordShape.components(record);
        RecordShape.getters(record);
        return new FileSink<>(directory.toString(), prefix, record, format, Map.of(), null, null);
    }

    /// Rounds a double or BigDecimal component half up to `places` decimals, and always writes that
    /// many.
    ///
    /// @param column the component's name, or the column's
    /// @throws IllegalArgumentException when there is no such component or it has no decimals
    public FileSink<R> decimals(String column, int places) {
        if (places < 0 || places > 100) {
            throw new IllegalArgumentException(
                    "cannot write " + places + " decimals; choose 0 to 100");
        }
        List<RecordShape.Component> components = RecordShape.components(record);
        for (RecordShape.Component component : components) {
            if (ColumnNames.matches(column, component.name())) {
                if (component.kind() != FieldKind.DOUBLE && component.kind() != FieldKind.DECIMAL) {
                    throw new IllegalArgumentException(
                            "component '"
                                    + component.name()
                                    + "' of record "
                                    + record.getSimpleName()
                                    + " is a "
                                    + component.type().getSimpleName()
                                    + ", which has no decimals; name a double or a BigDecimal");
                }
                Map<String, Integer> more = new HashMap<>(decimals);
                more.put(component.name(), places);
                return new FileSink<>(directory, prefix, record, format, more, order, disk);
            }
        }
        List<String> names = components.stream().map(RecordShape.Component::name).toList();
        String near = ColumnNames.nearest(column, names);
        throw new IllegalArgumentException(
                "record "
                        + record.getSimpleName()
                        + " has no component for column '"
                        + column
                        + "'"
                        + (near.isEmpty() ? "" : "; did you mean '" + near + "'?")
                        + (near.isEmpty() ? ". " : " ")
                        + "Its components are: "
                        + ColumnNames.list(names));
    }

    /// Sorts each file by timestamp, then by `order`; rows equal in both keep the order of their
    /// arrival.
    ///
    /// Rows wait in memory until the watermark has passed their timestamp. A row that comes later
    /// than that (behind the watermark) is written with the next ones, out of order. With
    /// checkpoints the order holds from file to file of a subtask; rows that wait are kept in the
    /// checkpoint.
    public FileSink<R> inOrder(Comparator<? super R> order) {
        return new FileSink<>(directory, prefix, record, format, decimals, order, disk);
    }

    /// For tests: writes to another disk.
    FileSink<R> onDisk(Disk other) {
        return new FileSink<>(directory, prefix, record, format, decimals, order, other);
    }

    private OutputPlace place() {
        return new OutputPlace(
                disk == null ? Disk.LOCAL : disk,
                Path.of(directory),
                new OutputNames(prefix, format == FileFormat.CSV ? ".csv" : ".jsonl"));
    }

    /// `<directory>/<prefix>-*.csv`.
    @Override
    public String name() {
        return place().all();
    }

    @Override
    public SinkCommitter open(SinkRun run) throws IOException {
        return OutputDirectory.open(place(), run);
    }

    @Override
    public SinkWriter<R> createWriter(SinkContext context) throws IOException {
        RecordColumns columns = new RecordColumns(record, decimals);
        PartWriter.Format rows =
                file ->
                        format == FileFormat.CSV
                                ? new RowWriter.Csv(columns, file)
                                : new RowWriter.JsonLines(columns, file);
        SinkWriter<R> writer = new PartWriter<>(place(), context, rows);
        if (order != null) {
            return new OrderedWriter<>(writer, record, order, context.restoredState());
        }
        if (context.restoredState().stream().anyMatch(state -> state.length > 0)) {
            throw FileAccessException.of(
                    "cannot go on with "
                            + name()
                            + ": the checkpoint has rows that wait to be sorted, but the sink no"
                            + " longer sorts. Call inOrder again, or start the job afresh.");
        }
        return writer;
    }

    @Override
    public String toString() {
        return "FileSink[" + name() + "]";
    }
}
