package io.aquifer.engine;

import io.aquifer.api.DataStreamSource;
import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.eventtime.TimestampAssigner;
import io.aquifer.api.eventtime.WatermarkGenerator;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.Operation;
import io.aquifer.engine.SubtaskSnapshot.SourcePart;
import io.aquifer.operators.OperatorFactory;
import io.aquifer.operators.StreamOperator;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// A subtask that reads splits of a source, one after another, as long as there are any. This is
/// where a checkpoint's barrier enters the job: between two batches of records.
///
/// While the [SourceThrottle] is set it begins no batch, and answers all else that it answers
/// between two batches: barriers, cancellation, a stop, and requests for memory.
final class SourceSubtask extends Subtask {
    /// How long what was read may wait in buffers that are not full.
    private static final long FLUSH_NANOS = 1_000_000;

    /// Records read at once: the time between two answers to the job.
    private static final int BATCH = 256;

    /// At a limited rate a batch is what comes in a hundredth of a second.
    private static final int BATCHES_PER_SECOND = 100;

    private final SourceProgress splits;
    private final RejectCounts rejects = new RejectCounts();
    private final AtomicReference<@Nullable Barrier> requested = new AtomicReference<>();
    private @Nullable Reading reading;
    private volatile long pausedNanos;

    SourceSubtask(
            JobPlan.Chain plan,
            SourceProgress splits,
            List<Exchange> outgoing,
            SubtaskContext context,
            CheckpointReceiver checkpoints,
            SubtaskEnd end) {
        super(plan, outgoing, context, checkpoints, end);
        this.splits = splits;
    }

    /// What this subtask has rejected. Any thread.
    RejectCounts rejects() {
        return rejects;
    }

    SourceProgress splits() {
        return splits;
    }

    /// Time spent paused by the throttle, without a pause in progress. Any thread.
    long pausedNanos() {
        return pausedNanos;
    }

    /// Asks for a barrier to be sent soon. Any thread.
    void trigger(Barrier barrier) {
        requested.set(barrier);
        context().signal().wake();
    }

    @Override
    @SuppressWarnings("unchecked")
    Ending work(OperatorChain chain) throws Exception {
        Operation.Read read = (Operation.Read) plan().head().operation();
        WatermarkStrategy<Object> strategy =
                OperatorFactory.copyOf(
                        (WatermarkStrategy<Object>) read.watermarks(), plan().head());
        Reading made = new Reading((Source<Object>) read.source(), strategy, chain);
        reading = made;
        SourceThrottle throttle = context().attempt().throttle();
        throttle.add(context().signal());
        try {
            if (readAll(made) == Ending.STOPPED) {
                return Ending.STOPPED;
            }
        } finally {
            throttle.remove(context().signal());
        }
        chain.headOutput().watermark(Long.MAX_VALUE);
        return Ending.FINISHED;
    }

    private Ending readAll(Reading made) {
        SourceProgress.Assignment next;
        while ((next = splits.next()) != null) {
            try {
                if (made.read(next) == Ending.STOPPED) {
                    return Ending.STOPPED;
                }
            } catch (Throwable failed) {
                throw OperatorFailure.of(plan().head(), context().id(), null, failed);
            }
        }
        return Ending.FINISHED;
    }

    @Override
    @Nullable SourcePart sourcePart() {
        Reading current = reading;
        return current == null ? null : current.part();
    }

    /// The state of one run.
    private final class Reading implements SourceOutput<Object> {
        private final Source<Object> source;
        private final WatermarkStrategy<Object> strategy;
        private final @Nullable TimestampAssigner<Object> assigner;
        private final OperatorChain chain;
        private final OperatorOutput output;
        private final Signal signal = context().signal();
        private final SourceThrottle throttle = context().attempt().throttle();
        private final long recordsPerSecond;
        private final int batch;
        private final Map<Integer, Long> done = new HashMap<>();
        private @Nullable WatermarkGenerator<Object> generator;
        private @Nullable SourceReader<Object> reader;
        private final ConnectorCharge charge = ConnectorCharge.of(plan().head(), context());
        private int split = -1;
        private long watermark = context().restored().watermark(plan().head());
        private long records;
        private long rejected;
        private long flushedNanos = System.nanoTime();

        Reading(Source<Object> source, WatermarkStrategy<Object> strategy, OperatorChain chain) {
            this.source = source;
            this.strategy = strategy;
            this.assigner = strategy.timestampAssigner();
            this.chain = chain;
            this.output = chain.headOutput();
            this.recordsPerSecond = source.recordsPerSecond();
            this.batch =
                    recordsPerSecond == 0
                            ? BATCH
                            : Math.clamp(recordsPerSecond / BATCHES_PER_SECOND, 1, BATCH);
        }

        SourcePart part() {
            SourceReader<Object> current = reader;
            return new SourcePart(
                    Map.copyOf(done),
                    current == null ? -1 : split,
                    current == null ? 0 : current.position(),
                    records,
                    rejects.counts());
        }

        Ending read(SourceProgress.Assignment assigned) throws Exception {
            generator =
                    strategy.generator() == null
                            ? null
                            : strategy.generator().createWatermarkGenerator();
            try (SourceReader<Object> opened =
                    source.createReader(assigned.split(), assigned.position())) {
                split = assigned.index();
                reader = opened;
                charge.update(opened.heapBytes());
                boolean more = true;
                while (more) {
                    signal.serve();
                    if (barrierStops() || pauseStops()) {
                        return Ending.STOPPED;
                    }
                    long before = records + rejected;
                    more = opened.read(this, batch);
                    charge.update(opened.heapBytes());
                    signal.checkCanceled();
                    advanceWatermark();
                    flushInTime();
                    if (recordsPerSecond > 0
                            && waitForPace(records + rejected - before) == Ending.STOPPED) {
                        return Ending.STOPPED;
                    }
                }
                done.put(split, opened.position());
            } finally {
                reader = null;
                charge.update(0);
            }
            return Ending.FINISHED;
        }

        /// Sends the barrier that was asked for, if any.
        ///
        /// @return whether it is the last
        private boolean barrierStops() {
            if (requested.get() == null) {
                return false;
            }
            Barrier barrier = requested.getAndSet(null);
            if (barrier == null) {
                return false;
            }
            checkpoint(chain, barrier);
            return barrier.stop();
        }

        /// Waits while sources are paused, and sends the barriers that are asked for meanwhile.
        ///
        /// @return whether one was the last
        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer, the owning thread
        private boolean pauseStops() {
            if (!throttle.isPaused()) {
                return false;
            }
            long start = System.nanoTime();
            chain.flush();
            try {
                while (throttle.isPaused()) {
                    signal.await(
                            () -> requested.get() != null || !throttle.isPaused(), Long.MAX_VALUE);
                    if (barrierStops()) {
                        return true;
                    }
                }
            } finally {
                pausedNanos += System.nanoTime() - start;
            }
            return false;
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

        private void flushInTime() {
            long now = System.nanoTime();
            if (now - flushedNanos > FLUSH_NANOS) {
                flushedNanos = now;
                chain.flush();
            }
        }

        /// Waits until the source is no longer ahead of its rate.
        private Ending waitForPace(long read) {
            long ahead = splits.aheadNanos(read, recordsPerSecond);
            long until = System.nanoTime() + ahead;
            while (ahead > 0) {
                chain.flush();
                signal.await(() -> requested.get() != null, ahead);
                if (barrierStops()) {
                    return Ending.STOPPED;
                }
                ahead = until - System.nanoTime();
            }
            return Ending.FINISHED;
        }

        @Override
        public void collect(Object value) {
            collect(value, StreamOperator.NO_TIMESTAMP);
        }

        @Override
        public void collect(Object value, long timestamp) {
            records++;
            long time = assigner == null ? timestamp : assigner.extractTimestamp(value, timestamp);
            output.collect(value, time);
            WatermarkGenerator<Object> current = generator;
            if (current != null) {
                current.onEvent(value, time);
            }
        }

        @Override
        public void reject(Reject reject) {
            rejected++;
            rejects.add(reject.reason());
            output.collect(DataStreamSource.REJECTS, reject, StreamOperator.NO_TIMESTAMP);
        }
    }
}
