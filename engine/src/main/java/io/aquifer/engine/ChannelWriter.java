package io.aquifer.engine;

import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.operators.StreamOperator;

/// Turns records into frames of a [Channel]. Frames gather in a small buffer, so that pages are
/// filled by bulk copies.
///
/// ```
/// frame:  int (length << 2 | kind)   [long timestamp]   length bytes
/// kind    0 record   1 record with timestamp   2 watermark, length 8
///         3 control: end of input with length 0, a checkpoint's barrier with length 8
/// ```
final class ChannelWriter {
    static final int RECORD = 0;
    static final int TIMED_RECORD = 1;
    static final int WATERMARK = 2;
    static final int CONTROL = 3;
    static final int HEADER_BYTES = 4;
    private static final int STAGING_BYTES = 8 * 1024;

    private final Channel channel;
    private final TypeSerializer<Object> serializer;
    private final DataOutputSerializer staging;

    ChannelWriter(Channel channel, TypeSerializer<Object> serializer, int largestRecordBytes) {
        this.channel = channel;
        this.serializer = serializer;
        this.staging = new DataOutputSerializer(STAGING_BYTES, STAGING_BYTES + largestRecordBytes);
    }

    void record(Object value, long timestamp) {
        int start = staging.length();
        try {
            staging.writeInt(0);
            int kind = RECORD;
            int body = start + HEADER_BYTES;
            if (timestamp != StreamOperator.NO_TIMESTAMP) {
                staging.writeLong(timestamp);
                kind = TIMED_RECORD;
                body += Long.BYTES;
            }
            serializer.serialize(value, staging);
            staging.writeIntAt(start, (staging.length() - body) << 2 | kind);
        } catch (RuntimeException | Error failed) {
            staging.setLength(start);
            throw failed;
        }
        if (staging.length() >= STAGING_BYTES) {
            drain();
        }
    }

    void watermark(long watermark) {
        staging.writeInt(Long.BYTES << 2 | WATERMARK);
        staging.writeLong(watermark);
        if (staging.length() >= STAGING_BYTES) {
            drain();
        }
    }

    /// A checkpoint passes.
    void barrier(Barrier barrier) {
        staging.writeInt(Long.BYTES << 2 | CONTROL);
        staging.writeLong(barrier.encoded());
        flush();
    }

    /// Nothing follows.
    void end() {
        staging.writeInt(CONTROL);
        flush();
    }

    /// Makes everything visible to the reader; takes no page for itself.
    void flush() {
        drain();
        channel.publish();
    }

    private void drain() {
        if (staging.length() > 0) {
            channel.write(staging.buffer(), 0, staging.length());
            staging.clear();
        }
    }
}
