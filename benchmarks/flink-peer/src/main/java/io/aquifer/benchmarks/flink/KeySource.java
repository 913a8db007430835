package io.aquifer.benchmarks.flink;

import io.aquifer.benchmarks.KeySequence;
import io.aquifer.benchmarks.KeyedCountPlan;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/// A plan's keys as a bounded Flink source: one split a generator, 256 records a call.
///
/// Nothing is checkpointed in the benchmark, so neither the readers nor the enumerator have a
/// position to restore; Flink asks for the enumerator's serializer all the same.
final class KeySource implements Source<Long, KeySource.Split, KeySource.Split> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 256;

    // The plan's fields, since Flink sends a source to its tasks by Java serialization.
    private final long records;
    private final long warmup;
    private final int keys;
    private final int parallelism;
    private final long seed;

    KeySource(KeyedCountPlan plan) {
        this.records = plan.records();
        this.warmup = plan.warmup();
        this.keys = plan.keys();
        this.parallelism = plan.parallelism();
        this.seed = plan.seed();
    }

    private KeyedCountPlan plan() {
        return new KeyedCountPlan(records, warmup, keys, parallelism, seed);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SplitEnumerator<Split, Split> createEnumerator(SplitEnumeratorContext<Split> context) {
        return new Enumerator(context);
    }

    @Override
    public SplitEnumerator<Split, Split> restoreEnumerator(
            SplitEnumeratorContext<Split> context, Split checkpoint) {
        throw new UnsupportedOperationException("the benchmark takes no checkpoints");
    }

    @Override
    public SimpleVersionedSerializer<Split> getSplitSerializer() {
        return new SplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<Split> getEnumeratorCheckpointSerializer() {
        return new SplitSerializer();
    }

    @Override
    public SourceReader<Long, Split> createReader(SourceReaderContext context) {
        return new Reader(plan());
    }

    /// One generator's share.
    record Split(int index) implements SourceSplit {
        @Override
        public String splitId() {
            return Integer.toString(index);
        }
    }

    /// Gives reader i the split i as soon as it registers.
    private static final class Enumerator implements SplitEnumerator<Split, Split> {
        private final SplitEnumeratorContext<Split> context;

        Enumerator(SplitEnumeratorContext<Split> context) {
            this.context = context;
        }

        @Override
        public void start() {}

        @Override
        public void addReader(int subtask) {
            context.assignSplit(new Split(subtask), subtask);
            context.signalNoMoreSplits(subtask);
        }

        @Override
        public void handleSplitRequest(int subtask, @Nullable String host) {}

        @Override
        public void addSplitsBack(List<Split> splits, int subtask) {
            throw new UnsupportedOperationException("the benchmark restarts nothing");
        }

        @Override
        public Split snapshotState(long checkpoint) {
            throw new UnsupportedOperationException("the benchmark takes no checkpoints");
        }

        @Override
        public void close() {}
    }

    private static final class Reader implements SourceReader<Long, Split> {
        private final KeyedCountPlan plan;
        private final Queue<Split> waiting = new ArrayDeque<>();
        private final CompletableFuture<Void> available = new CompletableFuture<>();
        private @Nullable KeySequence sequence;
        private long left;
        private boolean noMoreSplits;

        Reader(KeyedCountPlan plan) {
            this.plan = plan;
        }

        @Override
        public void start() {}

        @Override
        public InputStatus pollNext(ReaderOutput<Long> output) {
            KeySequence current = sequence;
            if (current == null || left == 0) {
                Split split = waiting.poll();
                if (split == null) {
                    return noMoreSplits ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
                }
                current = plan.keysOf(split.index());
                sequence = current;
                left = plan.recordsOf(split.index());
            }
            int batch = (int) Math.min(BATCH, left);
            for (int i = 0; i < batch; i++) {
                output.collect(current.next());
            }
            left -= batch;
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public List<Split> snapshotState(long checkpoint) {
            throw new UnsupportedOperationException("the benchmark takes no checkpoints");
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return available;
        }

        @Override
        public void addSplits(List<Split> splits) {
            waiting.addAll(splits);
        }

        @Override
        public void notifyNoMoreSplits() {
            noMoreSplits = true;
            available.complete(null);
        }

        @Override
        public void close() {}
    }

    private static final class SplitSerializer implements SimpleVersionedSerializer<Split> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Split split) {
            return ByteBuffer.allocate(Integer.BYTES).putInt(split.index()).array();
        }

        @Override
        public Split deserialize(int version, byte[] bytes) {
            return new Split(ByteBuffer.wrap(bytes).getInt());
        }
    }
}
