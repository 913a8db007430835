package io.aquifer.connectors.files;

import io.aquifer.api.connector.SinkWriter;
import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.types.TypeSerializer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Holds records back until the watermark has passed them, and writes them by timestamp, comparator
/// and arrival.
///
/// A watermark says that no later record is older, so records of its own millisecond wait for the
/// next one. What waits is the writer's state: a byte of version, the record's components as text,
/// a count, then timestamp and record for each row in the order it would be written.
final class OrderedWriter<R extends Record> implements SinkWriter<R> {
    private static final int VERSION = 1;

    /// The largest array the JVM gives.
    private static final int STATE_BYTES_MAX = Integer.MAX_VALUE - 8;

    /// Every so many rows one is serialized, to learn how large rows are; as objects they are taken
    /// to need twice that, and a place in the queue.
    private static final int SAMPLE_EVERY = 256;

    private static final double NEWEST_SAMPLE_SHARE = 1.0 / 16;
    private static final int OBJECT_FACTOR = 2;
    private static final int WAITING_BYTES = 48;

    private record Waiting<R>(long timestamp, R value, long arrival) {}

    private final SinkWriter<R> writer;
    private final Class<R> record;
    private final Comparator<Waiting<R>> sequence;
    private final PriorityQueue<Waiting<R>> waiting;
    private final TypeSerializer<R> serializer;
    private final DataOutputSerializer scratch = new DataOutputSerializer();
    private double averageBytes;
    private long arrivals;

    /// @param restored what earlier writers had waiting; rows equal in timestamp and order keep the
    ///   order of the arrays and their order in them
    OrderedWriter(
            SinkWriter<R> writer,
            Class<R> record,
            Comparator<? super R> order,
            List<byte[]> restored) {
        this.writer = writer;
        this.record = record;
        sequence =
                Comparator.<Waiting<R>>comparingLong(Waiting::timestamp)
                        .thenComparing(Waiting::value, order)
                        .thenComparingLong(Waiting::arrival);
        waiting = new PriorityQueue<>(sequence);
        serializer = TypeInformation.of(record).createSerializer();
        for (byte[] state : restored) {
            restore(state);
        }
    }

    @Override
    public void write(R value, long timestamp) {
        if (arrivals % SAMPLE_EVERY == 0) {
            scratch.clear();
            serializer.serialize(value, scratch);
            averageBytes +=
                    arrivals == 0
                            ? scratch.length()
                            : (scratch.length() - averageBytes) * NEWEST_SAMPLE_SHARE;
        }
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
    public List<String> prepareCommit(long checkpoint) throws IOException {
        return writer.prepareCommit(checkpoint);
    }

    @Override
    public byte[] snapshotState() {
        if (waiting.isEmpty()) {
            return NO_STATE;
        }
        List<Waiting<R>> rows = new ArrayList<>(waiting);
        rows.sort(sequence);
        DataOutputSerializer out = new DataOutputSerializer(64 * 1024, STATE_BYTES_MAX);
        out.writeByte(VERSION);
        out.writeString(shape());
        out.writeInt(rows.size());
        for (Waiting<R> row : rows) {
            out.writeLong(row.timestamp());
            serializer.serialize(row.value(), out);
        }
        return out.toByteArray();
    }

    private void restore(byte[] state) {
        if (state.length == 0) {
            return;
        }
        DataInputDeserializer in = new DataInputDeserializer(state);
        int version = in.readByte();
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "rows of "
                            + record.getSimpleName()
                            + " that wait to be sorted were stored in version "
                            + version
                            + ", known is "
                            + VERSION
                            + ". Go on with the version of Aquifer that took the checkpoint.");
        }
        String stored = in.readString();
        if (!stored.equals(shape())) {
            throw new IllegalArgumentException(
                    "rows that wait to be sorted were stored as "
                            + stored
                            + ", but the record is now "
                            + shape()
                            + ". Go on with the record as it was, or start the job afresh.");
        }
        for (int left = in.readInt(); left > 0; left--) {
            long timestamp = in.readLong();
            write(serializer.deserialize(in), timestamp);
        }
    }

    private String shape() {
        return TypeInformation.of(record).schemas().toString();
    }

    @Override
    public List<String> finish(long checkpoint) throws IOException {
        for (Waiting<R> first = waiting.poll(); first != null; first = waiting.poll()) {
            writer.write(first.value(), first.timestamp());
        }
        return writer.finish(checkpoint);
    }

    @Override
    public long heapBytes() {
        long row = WAITING_BYTES + (long) (OBJECT_FACTOR * averageBytes);
        return row * waiting.size() + writer.heapBytes();
    }

    @Override
    public void close() throws IOException {
        waiting.clear();
        writer.close();
    }
}
