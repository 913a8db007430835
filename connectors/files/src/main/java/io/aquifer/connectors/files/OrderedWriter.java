package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkWriter;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Holds records back until the watermark has passed them, and writes them by timestamp, comparator
/// and arrival.
///
/// A watermark says that no later record is older, so records of its own millisecond wait for the
/// next one.
final class OrderedWriter<R extends Record> implements SinkWriter<R> {
    private record Waiting<R>(long timestamp, R value, long arrival) {}

    private final SinkWriter<R> writer;
    private final PriorityQueue<Waiting<R>> waiting;
    private long arrivals;

    OrderedWriter(SinkWriter<R> writer, Comparator<? super R> order) {
        this.writer = writer;
        waiting =
                new PriorityQueue<>(
                        Comparator.<Waiting<R>>comparingLong(Waiting::timestamp)
                                .thenComparing(Waiting::value, order)
                                .thenComparingLong(Waiting::arrival));
    }

    @Override
    public void write(R value, long timestamp) {
        waiting.add(new Waiting<>(timestamp, value, arrivals++));
    }

    @Override
    public void writeWatermark(long watermark) throws IOException {
        for (Waiting<R> first = waiting.peek();
                first != null && first.timestamp() < watermark;
                first = waiting.peek()) {
            writer.write(first.value(), first.timestamp());
            waiting.remove();
        }
    }

    @Override
    public List<String> finish(long checkpoint) throws IOException {
        for (Waiting<R> first = waiting.poll(); first != null; first = waiting.poll()) {
            writer.write(first.value(), first.timestamp());
        }
        return writer.finish(checkpoint);
    }

    @Override
    public void close() throws IOException {
        waiting.clear();
        writer.close();
    }
}
