package io.aquifer.api;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;

import java.util.List;

/// Reads a list held in memory, as one split. The position is the index of the next element.
record CollectionSource<T>(List<T> elements, TypeInformation<T> producedType) implements Source<T> {
    @Override
    public String name() {
        return "collection";
    }

    @Override
    public List<SourceSplit> splits() {
        return List.of(new SourceSplit("collection", 0, elements.size()));
    }

    @Override
    public SourceReader<T> createReader(SourceSplit split, long position) {
        return new SourceReader<>() {
            private int next = Math.toIntExact(position);

            @Override
            public boolean read(SourceOutput<T> output, int most) {
                int end = (int) Math.min(elements.size(), (long) next + most);
                if (next == end) {
                    return false;
                }
                while (next < end) {
                    output.collect(elements.get(next++));
                }
                return true;
            }

            @Override
            public long position() {
                return next;
            }

            @Override
            public void close() {}
        };
    }
}
