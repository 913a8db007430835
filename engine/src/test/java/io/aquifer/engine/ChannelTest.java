package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.types.DataInputDeserializer;
import io.aquifer.api.types.DataOutputSerializer;
import io.aquifer.api.types.RecordTooLargeException;
import io.aquifer.api.types.TypeSerializer;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.operators.StreamOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/// A channel between a writing and a reading thread, against the list of what was written.
///
/// Goal: frames come out whole and in order, whatever their size against the ring's; nobody waits
/// for ever.
@Timeout(60)
class ChannelTest {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int LARGEST_RECORD = 1 << 20;
    private static final long MEBI = 1L << 20;

    private final MemoryManager manager =
            MemoryManager.create(new MemoryPlan(4 * MEBI, MEBI, MEBI, MEBI, MEBI, MEBI, 0));
    private final MemoryScope scope = manager.openScope("test");
    private final Signal producer = new Signal();
    private final Signal consumer = new Signal();
    private final Channel channel =
            new Channel(scope.leasePages(manager.network(), "ring"), 2, producer, consumer);

    @AfterEach
    void giveBack() {
        channel.close();
        scope.close();
        manager.close();
    }

    /// Writes the bytes as they are.
    private static final class Bytes implements TypeSerializer<Object> {
        @Override
        public void serialize(Object value, DataOutputSerializer out) {
            out.write((byte[]) value);
        }

        @Override
        public Object deserialize(DataInputDeserializer in) {
            byte[] bytes = new byte[in.available()];
            in.readFully(bytes, 0, bytes.length);
            return bytes;
        }
    }

    private ChannelWriter writer() {
        return new ChannelWriter(channel, new Bytes(), LARGEST_RECORD);
    }

    private ChannelReader reader() {
        return new ChannelReader(channel, new Bytes());
    }

    /// What a frame said.
    ///
    /// @param hash of a record's bytes, with its length
    private record Frame(String kind, long time, long hash) {}

    private static Frame frame(byte[] bytes, long timestamp) {
        long hash = bytes.length;
        for (byte b : bytes) {
            hash = hash * 31 + b;
        }
        return new Frame("record", timestamp, hash);
    }

    /// Notes all frames of a reader.
    private static final class Noting implements ChannelReader.Handler {
        final List<Frame> frames = new ArrayList<>();
        private final ChannelReader reader;

        Noting(ChannelReader reader) {
            this.reader = reader;
        }

        @Override
        public void records(Object[] values, long[] timestamps, int count) {
            for (int i = 0; i < count; i++) {
                frames.add(frame((byte[]) values[i], timestamps[i]));
            }
        }

        @Override
        public void watermarkChanged() {
            frames.add(new Frame(reader.ended() ? "end" : "watermark", reader.watermark(), 0));
        }
    }

    private List<Frame> readToEnd(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ChannelReader reader = reader();
        Noting noting = new Noting(reader);
        while (!reader.ended()) {
            if (!reader.drain(noting, 1 + random.nextInt(300))) {
                consumer.await(reader::hasData, Long.MAX_VALUE);
            }
        }
        return noting.frames;
    }

    private static int size(SplittableRandom random) {
        return switch (random.nextInt(20)) {
            case 0 -> 0;
            case 1 -> PAGE - random.nextInt(20);
            case 2 -> 2 * PAGE + random.nextInt(20) - 10;
            case 3 -> random.nextInt(6 * PAGE);
            default -> random.nextInt(200);
        };
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void randomFrames_throughARingOfTwoPages_comeOutTheSameInOrder(long seed) throws Exception {
        List<Frame> written = new ArrayList<>();
        FutureTask<List<Frame>> reading = new FutureTask<>(() -> readToEnd(seed));
        Thread thread = Thread.ofPlatform().start(reading);
        SplittableRandom random = new SplittableRandom(seed);
        ChannelWriter writer = writer();
        for (int i = 0; i < 3_000; i++) {
            if (random.nextInt(50) == 0) {
                long watermark = random.nextLong();
                writer.watermark(watermark);
                written.add(new Frame("watermark", watermark, 0));
            } else {
                byte[] bytes = new byte[size(random)];
                random.nextBytes(bytes);
                long timestamp =
                        random.nextBoolean() ? StreamOperator.NO_TIMESTAMP : random.nextLong();
                writer.record(bytes, timestamp);
                written.add(frame(bytes, timestamp));
            }
            if (random.nextInt(40) == 0) {
                writer.flush();
            }
        }
        writer.end();
        written.add(new Frame("end", Long.MAX_VALUE, 0));
        assertThat(reading.get(50, TimeUnit.SECONDS)).isEqualTo(written);
        thread.join();
        assertThat(channel.hasData()).isFalse();
    }

    @Test
    void record_notFlushed_isSeenAfterFlushOnly() {
        ChannelWriter writer = writer();
        ChannelReader reader = reader();
        Noting noting = new Noting(reader);
        byte[] bytes = {1, 2, 3};
        writer.record(bytes, 7);
        assertThat(reader.hasData()).isFalse();
        assertThat(reader.drain(noting, 10)).isFalse();

        writer.flush();

        assertThat(reader.hasData()).isTrue();
        assertThat(reader.drain(noting, 10)).isTrue();
        assertThat(noting.frames).containsExactly(frame(bytes, 7));
        assertThat(reader.drain(noting, 10)).isFalse();
    }

    @Test
    void drain_withAQuota_takesNoMoreFramesThanThat() {
        ChannelWriter writer = writer();
        ChannelReader reader = reader();
        Noting noting = new Noting(reader);
        for (int i = 0; i < 10; i++) {
            writer.record(new byte[] {(byte) i}, i);
        }
        writer.flush();
        reader.drain(noting, 4);
        assertThat(noting.frames).hasSize(4);
        reader.drain(noting, 100);
        assertThat(noting.frames).hasSize(10);
    }

    @Test
    void writer_waitingForRoom_whenCanceled_ends() throws Exception {
        CountDownLatch nearlyFull = new CountDownLatch(1);
        FutureTask<Throwable> writing =
                new FutureTask<>(
                        () -> {
                            ChannelWriter writer = writer();
                            writer.record(new byte[2 * PAGE - 100], 0);
                            nearlyFull.countDown();
                            try {
                                writer.record(new byte[PAGE], 0);
                                writer.record(new byte[PAGE], 0);
                                return null;
                            } catch (CanceledException canceled) {
                                return canceled;
                            }
                        });
        Thread thread = Thread.ofPlatform().start(writing);
        nearlyFull.await();
        producer.cancel();
        assertThat(writing.get(30, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
        thread.join();
    }

    @Test
    void reader_waitingForData_whenCanceled_ends() throws Exception {
        FutureTask<Throwable> reading =
                new FutureTask<>(
                        () -> {
                            try {
                                readToEnd(1);
                                return null;
                            } catch (CanceledException canceled) {
                                return canceled;
                            }
                        });
        Thread thread = Thread.ofPlatform().start(reading);
        consumer.cancel();
        assertThat(reading.get(30, TimeUnit.SECONDS)).isInstanceOf(CanceledException.class);
        thread.join();
    }

    @Test
    void record_largerThanTheLargest_isRefusedAndTheChannelStaysUsable() {
        ChannelWriter writer = writer();
        ChannelReader reader = reader();
        Noting noting = new Noting(reader);
        byte[] before = {1};
        byte[] after = {2, 3};
        writer.record(before, 1);
        assertThatThrownBy(() -> writer.record(new byte[LARGEST_RECORD + 9 * 1024], 2))
                .isInstanceOf(RecordTooLargeException.class)
                .hasMessageContaining("exceeds the largest record of 1,056,768 bytes")
                .hasMessageContaining("Make the record smaller");
        writer.record(after, 3);
        writer.flush();
        reader.drain(noting, 10);
        assertThat(noting.frames).containsExactly(frame(before, 1), frame(after, 3));
    }

    @Test
    void serializerThatFails_afterPartOfARecord_leavesNothingOfItBehind() {
        TypeSerializer<Object> failing =
                new TypeSerializer<>() {
                    @Override
                    public void serialize(Object value, DataOutputSerializer out) {
                        out.writeLong(1);
                        if (value.equals("bad")) {
                            throw new IllegalStateException("half written");
                        }
                    }

                    @Override
                    public Object deserialize(DataInputDeserializer in) {
                        in.readLong();
                        return new byte[] {9};
                    }
                };
        ChannelWriter writer = new ChannelWriter(channel, failing, LARGEST_RECORD);
        ChannelReader reader = new ChannelReader(channel, failing);
        Noting noting = new Noting(reader);
        assertThatThrownBy(() -> writer.record("bad", 5)).hasMessage("half written");
        writer.record("good", 6);
        writer.flush();
        reader.drain(noting, 10);
        assertThat(noting.frames).containsExactly(frame(new byte[] {9}, 6));
    }
}
