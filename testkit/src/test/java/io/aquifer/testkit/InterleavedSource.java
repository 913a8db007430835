package io.aquifer.testkit;

import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.types.TypeInformation;

import java.util.ArrayList;
import java.util.List;

/// The numbers from 0, dealt out to splits in turn, so that every split rises through all of them.
/// Every 97th is a reject.
record InterleavedSource(long numbers, int splitCount) implements Source<Long> {
    @Override
    public String name() {
        return "interleaved";
    }

    @Override
    public TypeInformation<Long> producedType() {
        return TypeInformation.of(Long.class);
    }

    @Override
    public List<SourceSplit> splits() {
        List<SourceSplit> splits = new ArrayList<>();
        for (int split = 0; split < splitCount; split++) {
            splits.add(
                    new SourceSplit(
                            String.valueOf(split),
                            0,
                            (numbers - split + splitCount - 1) / splitCount));
        }
        return splits;
    }

    @Override
    public SourceReader<Long> createReader(SourceSplit split, long position) {
        long offset = Long.parseLong(split.id());
        return new SourceReader<>() {
            private long next = position;

            @Override
            public boolean read(SourceOutput<Long> output, int most) {
                long end = Math.min(split.end(), next + most);
                if (next == end) {
                    return false;
                }
                while (next < end) {
                    long number = next++ * splitCount + offset;
                    if (number % 97 == 96) {
                        output.reject(new Reject(name(), "" + number, "", "unlucky", "" + number));
                    } else {
                        output.collect(number, number);
                    }
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
