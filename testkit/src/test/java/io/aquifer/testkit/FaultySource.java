package io.aquifer.testkit;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Numbers from 0, from two splits, that fail in one of the calls. Counts the readers that are
/// open.
final class FaultySource implements Source<Long> {
    /// Where it fails.
    enum Fault {
        SPLITS,
        CREATE_READER,
        READ,
        CLOSE,
        NONE
    }

    static final long RECORDS = 1_000;

    private final Fault fault;
    final AtomicInteger openReaders = new AtomicInteger();

    FaultySource(Fault fault) {
        this.fault = fault;
    }

    private void fail(Fault here) throws IOException {
        if (fault == here) {
            throw new IOException("numbers.txt: broken in " + here);
        }
    }

    @Override
    public String name() {
        return "numbers";
    }

    @Override
    public TypeInformation<Long> producedType() {
        return TypeInformation.of(Long.class);
    }

    @Override
    public List<SourceSplit> splits() throws IOException {
        fail(Fault.SPLITS);
        return List.of(
                new SourceSplit("a", 0, RECORDS / 2), new SourceSplit("b", RECORDS / 2, RECORDS));
    }

    @Override
    public SourceReader<Long> createReader(SourceSplit split, long position) throws IOException {
        fail(Fault.CREATE_READER);
        openReaders.incrementAndGet();
        return new SourceReader<>() {
            private long next = position;

            @Override
            public boolean read(SourceOutput<Long> output, int most) throws IOException {
                if (next == split.end()) {
                    return false;
                }
                output.collect(next++);
                if (next == split.end()) {
                    fail(Fault.READ);
                }
                return true;
            }

            @Override
            public long position() {
                return next;
            }

            @Override
            public void close() throws IOException {
                openReaders.decrementAndGet();
                fail(Fault.CLOSE);
            }
        };
    }
}
