package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/// Writes records in the order of their arrival, to one part file for each checkpoint that rows
/// arrived for.
final class PartWriter<R extends Record> implements SinkWriter<R> {
    /// Begins a file: what the first rows need before them is written.
    interface Format {
        RowWriter begin(PartFile file) throws IOException;
    }

    private record Open(String name, PartFile file, RowWriter rows) {}

    /// A part's buffers, about.
    private static final long OPEN_BYTES = 128 * 1024;

    private final OutputPlace place;
    private final SinkContext context;
    private final Format format;
    private @Nullable Open open;
    private long parts;

    PartWriter(OutputPlace place, SinkContext context, Format format) {
        this.place = place;
        this.context = context;
        this.format = format;
    }

    private Open part() throws IOException {
        Open current = open;
        if (current == null) {
            String name = place.names().hidden(context.run(), context.subtaskIndex(), ++parts);
            PartFile file = new PartFile(place.disk(), place.directory().resolve(name));
            try {
                current = new Open(name, file, format.begin(file));
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
            open = current;
        }
        return current;
    }

    @Override
    public void write(R value, long timestamp) throws IOException {
        Open current = open;
        (current == null ? part() : current).rows.write(value);
    }

    @Override
    public List<String> prepareCommit(long checkpoint) throws IOException {
        return open == null ? List.of() : List.of(end(checkpoint, false));
    }

    /// A job without checkpoints leaves a file for every subtask; one with checkpoints leaves a
    /// file without rows only when there is nothing else, and it is the first subtask's.
    @Override
    public List<String> finish(long checkpoint) throws IOException {
        boolean rows = open != null;
        if (checkpoint > 0 && !rows && context.subtaskIndex() > 0) {
            return List.of();
        }
        return List.of(end(checkpoint, checkpoint > 0 && !rows));
    }

    private String end(long checkpoint, boolean ifAlone) throws IOException {
        Open last = part();
        last.rows.flush();
        last.file.finish();
        open = null;
        String visible = place.names().visible(context.subtaskIndex(), checkpoint);
        return new Part(last.name, visible, ifAlone).committable();
    }

    @Override
    public long heapBytes() {
        return open == null ? 0 : OPEN_BYTES;
    }

    @Override
    public void close() throws IOException {
        Open unfinished = open;
        open = null;
        if (unfinished != null) {
            unfinished.file.close();
        }
    }
}
