package io.aquifer.engine;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A subtask fed by exchanges.
///
/// Takes a batch from each channel in turn. When no channel has anything, it flushes what it has
/// put out and waits: so latency is that of a hand-over. While input never ends, it flushes every
/// [#FLUSH_NANOS], or few results among much input would wait for ever in buffers that are not
/// full. When nothing comes for [#IDLE_NANOS], its channels keep only their least pages.
///
/// A channel that reaches a checkpoint's barrier waits for the others, or until the checkpoint is
/// given up; what has gathered before all the barriers is the checkpoint, and nothing else. The
/// terms are those of Carbone et al., "Lightweight Asynchronous Snapshots for Distributed
/// Dataflows" (2015), with aligned barriers.
final class ProcessingSubtask extends Subtask {
    private static final int QUOTA = 256;
    private static final int METRICS_EVERY = 64;
    private static final long FLUSH_NANOS = 1_000_000;
    private static final long IDLE_NANOS = 100_000_000;

    private final List<ChannelReader> readers;

    ProcessingSubtask(
            JobPlan.Chain plan,
            List<ChannelReader> readers,
            List<Exchange> outgoing,
            SubtaskContext context,
            CheckpointReceiver checkpoints,
            SubtaskEnd end) {
        super(plan, outgoing, context, checkpoints, end);
        this.readers = List.copyOf(readers);
    }

    @Override
    Ending work(OperatorChain chain) throws Exception {
        return new Loop(chain).run();
    }

    /// The state of one run.
    private final class Loop implements ChannelReader.Handler {
        private final OperatorChain chain;
        private final ChainedOperator head;
        private final ChannelReader[] readers;
        private final Signal signal = context().signal();
        private final Clock clock = context().clock();
        private final BooleanSupplier hasData = this::hasData;
        private long watermark = context().restored().watermark(plan().head());
        private int rounds;
        private long flushedNanos = System.nanoTime();

        Loop(OperatorChain chain) {
            this.chain = chain;
            this.head = chain.headOperator();
            this.readers = ProcessingSubtask.this.readers.toArray(new ChannelReader[0]);
        }

        Ending run() throws Exception {
            while (true) {
                signal.checkCanceled();
                signal.serve();
                boolean any = false;
                boolean allEnded = true;
                for (ChannelReader reader : readers) {
                    any |= reader.drain(this, QUOTA);
                    allEnded &= reader.ended();
                }
                advanceSnapshot();
                long nextTimer = fireTimers();
                if (allEnded) {
                    publishMetrics();
                    return Ending.FINISHED;
                }
                if (passGivenUp()) {
                    continue;
                }
                Barrier barrier = alignedBarrier();
                if (barrier != null) {
                    checkpoint(chain, barrier);
                    if (barrier.stop()) {
                        return Ending.STOPPED;
                    }
                    for (ChannelReader reader : readers) {
                        reader.passBarrier();
                    }
                    continue;
                }
                if (!any) {
                    chain.flush();
                    publishMetrics();
                    waitForData(nextTimer);
                } else {
                    flushInTime();
                    if (++rounds % METRICS_EVERY == 0) {
                        publishMetrics();
                    }
                }
            }
        }

        /// Lets channels go on that wait at the barrier of a checkpoint that was given up: not
        /// every source may have sent it, and what follows must not be taken for it.
        ///
        /// @return whether there was one
        private boolean passGivenUp() {
            boolean any = false;
            for (ChannelReader reader : readers) {
                if (isGivenUp(reader)) {
                    reader.passBarrier();
                    any = true;
                }
            }
            return any;
        }

        private boolean isGivenUp(ChannelReader reader) {
            Barrier barrier = reader.barrier();
            return barrier != null && !checkpoints().isUnderWay(barrier.checkpoint());
        }

        /// The barrier that every channel has reached which has not ended, or null.
        private @Nullable Barrier alignedBarrier() {
            Barrier reached = null;
            for (ChannelReader reader : readers) {
                Barrier barrier = reader.barrier();
                if (barrier != null) {
                    reached = barrier;
                } else if (!reader.ended()) {
                    return null;
                }
            }
            return reached;
        }

        /// Waits for data or for a timer; meanwhile, if it is long, channels give back what they do
        /// not need.
        private void waitForData(long nextTimer) {
            signal.await(hasData, Math.min(IDLE_NANOS, nanosUntil(nextTimer)));
            if (!hasData() && nanosUntil(nextTimer) > 0) {
                for (ChannelReader reader : readers) {
                    reader.trim();
                }
                signal.await(hasData, nanosUntil(nextTimer));
            }
        }

        private void flushInTime() {
            long now = System.nanoTime();
            if (now - flushedNanos > FLUSH_NANOS) {
                flushedNanos = now;
                chain.flush();
            }
        }

        private long fireTimers() throws Exception {
            KeyedState<Object> keyed = chain.keyedState();
            if (keyed == null) {
                return Long.MAX_VALUE;
            }
            long[] next = {Long.MAX_VALUE};
            head.call(() -> next[0] = keyed.fireProcessingTimeTimers());
            return next[0];
        }

        private long nanosUntil(long timer) {
            if (timer == Long.MAX_VALUE) {
                return Long.MAX_VALUE;
            }
            return TimeUnit.MILLISECONDS.toNanos(Math.max(0, timer - clock.millis()));
        }

        private void publishMetrics() {
            KeyedState<Object> keyed = chain.keyedState();
            if (keyed != null) {
                keyed.publishMetrics();
            }
        }

        private boolean hasData() {
            for (ChannelReader reader : readers) {
                if (reader.hasData() || isGivenUp(reader)) {
                    return true;
                }
            }
            return canAdvanceSnapshot();
        }

        @Override
        public void records(Object[] values, long[] timestamps, int count) {
            head.elements(values, timestamps, count);
        }

        @Override
        public void watermarkChanged() {
            long lowest = Long.MAX_VALUE;
            for (ChannelReader reader : readers) {
                lowest = Math.min(lowest, reader.watermark());
            }
            if (lowest > watermark) {
                watermark = lowest;
                head.watermark(lowest);
            }
        }
    }
}
