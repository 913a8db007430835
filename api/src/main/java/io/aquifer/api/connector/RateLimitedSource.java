package io.aquifer.api.connector;

import io.aquifer.api.types.TypeInformation;

import java.io.IOException;
import java.util.List;

/// Another source with a limit on its rate, which the engine keeps.
record RateLimitedSource<T>(Source<T> source, long recordsPerSecond) implements Source<T> {
    RateLimitedSource {
        if (recordsPerSecond < 1) {
            throw new IllegalArgumentException(
                    "a rate is at least 1 record per second, got " + recordsPerSecond);
        }
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public TypeInformation<T> producedType() {
        return source.producedType();
    }

    @Override
    public List<SourceSplit> splits() throws IOException {
        return source.splits();
    }

    @Override
    public SourceReader<T> createReader(SourceSplit split, long position) throws IOException {
        return source.createReader(split, position);
    }

    @Override
    public String describe(SourceSplit split, long position) {
        return source.describe(split, position);
    }
}
