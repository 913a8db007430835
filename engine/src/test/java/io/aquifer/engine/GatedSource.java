package io.aquifer.engine;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Numbered texts of one length, as many as the test lets through.
final class GatedSource implements Source<String> {
    static final int TEXT_LENGTH = 1_000;

    /// Up to where readers may read; there they wait for more.
    volatile long limit;

    /// Where the split ends.
    volatile long end = Long.MAX_VALUE;

    /// How many records readers have handed over.
    final AtomicLong read = new AtomicLong();

    static String text(long number) {
        String digits = String.valueOf(number);
        return "0".repeat(TEXT_LENGTH - digits.length()) + digits;
    }

    /// Lets all be read there will ever be.
    void endAt(long count) {
        end = count;
        limit = count;
    }

    @Override
    public String name() {
        return "gated";
    }

    @Override
    public TypeInformation<String> producedType() {
        return TypeInformation.of(String.class);
    }

    @Override
    public List<SourceSplit> splits() {
        return List.of(new SourceSplit("texts", 0, Long.MAX_VALUE));
    }

    @Override
    public SourceReader<String> createReader(SourceSplit split, long position) {
        return new SourceReader<>() {
            private long next = position;

            @Override
            public boolean read(SourceOutput<String> output, int most) {
                if (next == end) {
                    return false;
                }
                for (int i = 0; i < most && next < limit; i++) {
                    output.collect(text(next));
                    next++;
                    read.incrementAndGet();
                }
                Thread.yield();
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
