package io.aquifer.connectors.files;

import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Keeps what a source hands over: records and rejects in one list, in order, and each kind alone.
final class Collected<T> implements SourceOutput<T> {
    final List<Object> all = new ArrayList<>();
    final List<T> records = new ArrayList<>();
    final List<Reject> rejects = new ArrayList<>();

    @Override
    public void collect(T value) {
        all.add(value);
        records.add(value);
    }

    @Override
    public void collect(T value, long timestamp) {
        throw new AssertionError("files know no timestamps");
    }

    @Override
    public void reject(Reject reject) {
        all.add(reject);
        rejects.add(reject);
    }

    static <T> Collected<T> of(FileSource<T> source) throws IOException {
        Collected<T> collected = new Collected<>();
        for (SourceSplit split : source.splits()) {
            collected.readAll(source, split, split.start());
        }
        return collected;
    }

    void readAll(FileSource<T> source, SourceSplit split, long position) throws IOException {
        try (SourceReader<T> reader = source.createReader(split, position)) {
            while (reader.read(this, 256)) {
                // until the end
            }
        }
    }

    List<String> reasons() {
        return rejects.stream()
                .map(r -> r.row() + " " + r.column() + ": " + r.reason() + " [" + r.value() + "]")
                .toList();
    }
}
