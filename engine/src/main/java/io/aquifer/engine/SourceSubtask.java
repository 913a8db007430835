package io.aquifer.engine;

import io.aquifer.api.DataStreamSource;
import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.eventtime.TimestampAssigner;
import io.aquifer.api.eventtime.WatermarkGenerator;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.Operation;
import io.aquifer.operators.OperatorFactory;
import io.aquifer.operators.StreamOperator;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A subtask that reads splits of a source, one after another, as long as there are any.
final class SourceSubtask extends Subtask {
    /// How long what was read may wait in buffers that are not full.
    private static final long FLUSH_NANOS = 1_000_000;

    private final SplitQueue splits;
    private final RejectCounts rejects;

    SourceSubtask(
            JobPlan.Chain plan,
            SplitQueue splits,
            RejectCounts rejects,
            List<Exchange> outgoing,
            SubtaskContext context,
            SubtaskEnd end) {
        super(plan, outgoing, context, end);
        this.splits = splits;
        this.rejects = rejects;
    }

    @Override
    @SuppressWarnings("unchecked")
    void work(OperatorChain chain) throws Exception {
        Operation.Read read = (Operation.Read) plan().head().operation();
        WatermarkStrategy<Object> strategy =
                OperatorFactory.copyOf(
                        (WatermarkStrategy<Object>) read.watermarks(), plan().head());
        Reading reading = new Reading((Source<Object>) read.source(), strategy, chain);
        SourceSplit split;
        while ((split = splits.next()) != null) {
            try {
                reading.split(split);
            } catch (Throwable failed) {
                throw OperatorFailure.of(plan().head(), context().id(), null, failed);
            }
        }
        chain.headOutput().watermark(Long.MAX_VALUE);
    }

    /// The state of one run.
    private final class Reading implements SourceOutput<Object> {
        private final Source<Object> source;
        private final WatermarkStrategy<Object> strategy;
        private final @Nullable TimestampAssigner<Object> assigner;
        private final OperatorChain chain;
        private final OperatorOutput output;
        private final Signal signal = context().signal();
        private final long recordsPerSecond;
        private @Nullable WatermarkGenerator<Object> generator;
        private long watermark = Long.MIN_VALUE;
        private long flushedNanos = System.nanoTime();

        Reading(Source<Object> source, WatermarkStrategy<Object> strategy, OperatorChain chain) {
            this.source = source;
            this.strategy = strategy;
            this.assigner = strategy.timestampAssigner();
            this.chain = chain;
            this.output = chain.headOutput();
            this.recordsPerSecond = source.recordsPerSecond();
        }

        void split(SourceSplit split) throws Exception {
            generator =
                    strategy.generator() == null
                            ? null
                            : strategy.generator().createWatermarkGenerator();
            try (SourceReader<Object> reader = source.createReader(split, split.start())) {
                while (reader.read(this, 256)) {
                    signal.checkCanceled();
                    advanceWatermark();
                    long now = System.nanoTime();
                    if (now - flushedNanos > FLUSH_NANOS) {
                        flush(now);
                    }
                }
            }
        }

        private void advanceWatermark() {
            WatermarkGenerator<Object> current = generator;
            if (current != null && splits.allStarted()) {
                long next = current.currentWatermark();
                if (next > watermark && next != Long.MAX_VALUE) {
                    watermark = next;
                    output.watermark(next);
                }
            }
        }

        private void flush(long now) {
            flushedNanos = now;
            chain.flush();
        }

        @Override
        public void collect(Object value) {
            collect(value, StreamOperator.NO_TIMESTAMP);
        }

        @Override
        public void collect(Object value, long timestamp) {
            if (recordsPerSecond > 0) {
                pace();
            }
            long time = assigner == null ? timestamp : assigner.extractTimestamp(value, timestamp);
            output.collect(value, time);
            WatermarkGenerator<Object> current = generator;
            if (current != null) {
                current.onEvent(value, time);
            }
        }

        @Override
        public void reject(Reject reject) {
            rejects.add(reject.reason());
            output.collect(DataStreamSource.REJECTS, reject, StreamOperator.NO_TIMESTAMP);
        }

        private void pace() {
            long ahead = splits.aheadNanos(recordsPerSecond);
            if (ahead > 0) {
                advanceWatermark();
                flush(System.nanoTime());
                signal.await(() -> false, ahead);
            }
        }
    }
}
