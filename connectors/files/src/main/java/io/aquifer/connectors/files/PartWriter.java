package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkWriter;

import java.io.IOException;
import java.util.List;

/// Writes records to a part file in the order of their arrival.
final class PartWriter<R extends Record> implements SinkWriter<R> {
    private final RowWriter rows;
    private final PartFile part;

    PartWriter(RowWriter rows, PartFile part) {
        this.rows = rows;
        this.part = part;
    }

    @Override
    public void write(R value, long timestamp) throws IOException {
        rows.write(value);
    }

    @Override
    public List<String> finish(long checkpoint) throws IOException {
        rows.flush();
        return List.of(part.finish());
    }

    @Override
    public void close() throws IOException {
        part.close();
    }
}
