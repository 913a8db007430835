package io.aquifer.benchmarks.memory;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkWriter;

import java.util.concurrent.atomic.AtomicLong;

/// Adds up what it gets; there is one sum in a process, complete when the job has ended.
final class SumSink implements Sink<Long> {
    private static final long serialVersionUID = 1L;
    private static final AtomicLong SUM = new AtomicLong();

    static long sum() {
        return SUM.get();
    }

    @Override
    public String name() {
        return "sum";
    }

    @Override
    public SinkWriter<Long> createWriter(SinkContext context) {
        return new SinkWriter<>() {
            private long sum;

            @Override
            public void write(Long count, long timestamp) {
                sum += count;
            }

            @Override
            public void close() {
                SUM.addAndGet(sum);
            }
        };
    }
}
