package io.aquifer.api;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;

import java.util.ArrayList;
import java.util.List;

/// The numbers from one to another, both included, in up to [#SPLITS] splits. Positions count from
/// the first number.
record SequenceSource(long from, long to) implements Source<Long> {
    private static final int SPLITS = 16;
    private static final int LEAST_IN_SPLIT = 256;

    SequenceSource {
        if (to < from || to - from < 0 || to - from == Long.MAX_VALUE) {
            throw new IllegalArgumentException("no sequence from " + from + " to " + to);
        }
    }

    @Override
    public String name() {
        return "sequence";
    }

    @Override
    public TypeInformation<Long> producedType() {
        return TypeInformation.of(Long.class);
    }

    @Override
    public List<SourceSplit> splits() {
        long count = to - from + 1;
        long size = Math.max(LEAST_IN_SPLIT, (count + SPLITS - 1) / SPLITS);
        List<SourceSplit> splits = new ArrayList<>();
        for (long start = 0; start < count; start += size) {
            long end = Math.min(count, start + size);
            splits.add(new SourceSplit("sequence from " + (from + start), start, end));
        }
        return splits;
    }

    @Override
    public SourceReader<Long> createReader(SourceSplit split, long position) {
        return new SourceReader<>() {
            private long next = position;

            @Override
            public boolean read(SourceOutput<Long> output, int most) {
                long end = split.end() - next < most ? split.end() : next + most;
                if (next == end) {
                    return false;
                }
                while (next < end) {
                    output.collect(from + next++);
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
