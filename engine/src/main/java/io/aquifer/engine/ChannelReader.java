package io.aquifer.engine;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.MemoryManager;
import io.aquifer.operators.StreamOperator;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Reads the frames that a [ChannelWriter] wrote. Bytes are copied out of the pages in bulk, which
/// frees network memory before a record is processed.
final class ChannelReader {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// Records handed over together, so that a keyed operator can touch the state of all of them
    /// first; 16 are enough for that.
    private static final int BATCH = 32;

    private final Channel channel;
    private final TypeSerializer<Object> serializer;
    private final DataInputDeserializer input = new DataInputDeserializer();
    private final Object[] values = new Object[BATCH];
    private final long[] timestamps = new long[BATCH];
    private int count;
    private byte[] buffer = new byte[MemoryManager.PAGE_SIZE_BYTES];
    private int position;
    private int limit;
    private long watermark = Long.MIN_VALUE;
    private boolean ended;
    private @Nullable Barrier barrier;

    ChannelReader(Channel channel, TypeSerializer<Object> serializer) {
        this.channel = channel;
        this.serializer = serializer;
    }

    /// Takes what a reader finds.
    interface Handler {
        /// The next `count` records, in order; the arrays are the reader's.
        void records(Object[] values, long[] timestamps, int count);

        /// This channel's watermark has changed, or the channel has ended.
        void watermarkChanged();
    }

    /// Handles up to `quota` frames.
    ///
    /// @return whether there was anything
    boolean drain(Handler handler, int quota) {
        boolean any = false;
        for (int left = quota; left > 0 && !ended && barrier == null; left--) {
            if (completeFrame() == 0) {
                break;
            }
            any = true;
            int header = (int) INT.get(buffer, position);
            handle(header & 3, position + ChannelWriter.HEADER_BYTES, header >>> 2, handler);
        }
        handOver(handler);
        return any;
    }

    private void handle(int kind, int at, int length, Handler handler) {
        switch (kind) {
            case ChannelWriter.RECORD -> {
                position = at + length;
                add(deserialize(at, length), StreamOperator.NO_TIMESTAMP, handler);
            }
            case ChannelWriter.TIMED_RECORD -> {
                long timestamp = (long) LONG.get(buffer, at);
                position = at + Long.BYTES + length;
                add(deserialize(at + Long.BYTES, length), timestamp, handler);
            }
            case ChannelWriter.WATERMARK -> {
                handOver(handler);
                watermark = (long) LONG.get(buffer, at);
                position = at + Long.BYTES;
                handler.watermarkChanged();
            }
            default -> control(at, length, handler);
        }
    }

    private void control(int at, int length, Handler handler) {
        handOver(handler);
        position = at + length;
        if (length == 0) {
            ended = true;
            watermark = Long.MAX_VALUE;
            handler.watermarkChanged();
        } else {
            barrier = Barrier.decoded((long) LONG.get(buffer, at));
        }
    }

    /// The barrier at which this channel waits, or null. It gives nothing until [#passBarrier].
    @Nullable Barrier barrier() {
        return barrier;
    }

    /// Lets the channel go on behind its barrier.
    void passBarrier() {
        barrier = null;
    }

    private void add(Object value, long timestamp, Handler handler) {
        values[count] = value;
        timestamps[count] = timestamp;
        if (++count == BATCH) {
            handOver(handler);
        }
    }

    private void handOver(Handler handler) {
        if (count > 0) {
            int full = count;
            count = 0;
            handler.records(values, timestamps, full);
        }
    }

    private Object deserialize(int at, int length) {
        input.setBuffer(buffer, at, length);
        return serializer.deserialize(input);
    }

    /// Makes sure that a whole frame starts at `position`.
    ///
    /// @return its length with header, or 0 when it has not arrived yet
    private int completeFrame() {
        while (true) {
            int available = limit - position;
            int needed = ChannelWriter.HEADER_BYTES;
            if (available >= needed) {
                needed = frameBytes();
                if (available >= needed) {
                    return needed;
                }
            }
            makeRoom(needed);
            int read = channel.read(buffer, limit, buffer.length - limit);
            if (read == 0) {
                return 0;
            }
            limit += read;
        }
    }

    private void makeRoom(int needed) {
        int available = limit - position;
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, available);
            position = 0;
            limit = available;
        }
        if (buffer.length < needed) {
            buffer = Arrays.copyOf(buffer, Math.max(needed, buffer.length * 2));
        }
    }

    boolean hasData() {
        return !ended && barrier == null && channel.hasData();
    }

    /// The length of the frame at `position`, whose header is there.
    private int frameBytes() {
        int header = (int) INT.get(buffer, position);
        return ChannelWriter.HEADER_BYTES
                + (header >>> 2)
                + ((header & 3) == ChannelWriter.TIMED_RECORD ? Long.BYTES : 0);
    }

    boolean ended() {
        return ended;
    }

    /// The channel's watermark; [Long#MAX_VALUE] once it has ended.
    long watermark() {
        return watermark;
    }

    /// Gives back what the channel has above its minimum and does not use, since nothing has come
    /// for a while.
    void trim() {
        channel.handBack(Integer.MAX_VALUE);
    }

    /// Gives the channel's pages back once the producer has ended it.
    void close() {
        channel.close();
    }
}
