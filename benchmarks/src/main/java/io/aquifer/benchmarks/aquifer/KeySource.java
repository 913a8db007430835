package io.aquifer.benchmarks.aquifer;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.benchmarks.KeySequence;
import io.aquifer.benchmarks.KeyedCountPlan;

import java.util.ArrayList;
import java.util.List;

/// A plan's keys as a source: one split a generator. Positions count the keys of a split.
record KeySource(KeyedCountPlan plan) implements Source<Long> {
    @Override
    public String name() {
        return "keys";
    }

    @Override
    public TypeInformation<Long> producedType() {
        return TypeInformation.of(Long.class);
    }

    @Override
    public List<SourceSplit> splits() {
        List<SourceSplit> splits = new ArrayList<>();
        for (int split = 0; split < plan.parallelism(); split++) {
            splits.add(new SourceSplit(Integer.toString(split), 0, plan.recordsOf(split)));
        }
        return splits;
    }

    @Override
    public SourceReader<Long> createReader(SourceSplit split, long position) {
        KeySequence keys = plan.keysOf(Integer.parseInt(split.id()));
        for (long skipped = 0; skipped < position; skipped++) {
            keys.next();
        }
        return new Reader(keys, split.end(), position);
    }

    private static final class Reader implements SourceReader<Long> {
        private final KeySequence keys;
        private final long end;
        private long position;

        Reader(KeySequence keys, long end, long position) {
            this.keys = keys;
            this.end = end;
            this.position = position;
        }

        @Override
        public boolean read(SourceOutput<Long> output, int most) {
            int batch = (int) Math.min(most, end - position);
            for (int i = 0; i < batch; i++) {
                output.collect(keys.next());
            }
            position += batch;
            return batch > 0;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void close() {}
    }
}
