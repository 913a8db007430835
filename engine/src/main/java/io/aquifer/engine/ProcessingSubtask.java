package io.aquifer.engine;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A subtask fed by exchanges.
///
/// Takes a batch from each channel in turn. When no channel has anything, it flushes what it has
/// put out and waits: so latency is that of a hand-over. While input never ends, it flushes every
/// [#FLUSH_NANOS], or few results among much input would wait for ever in buffers that are not
/// full.
final class ProcessingSubtask extends Subtask {
    private static final int QUOTA = 256;
    private static final int METRICS_EVERY = 64;
    private static final long FLUSH_NANOS = 1_000_000;

    private final List<ChannelReader> readers;

    ProcessingSubtask(
            JobPlan.Chain plan,
            List<ChannelReader> readers,
            List<Exchange> outgoing,
            SubtaskContext context,
            SubtaskEnd end) {
        super(plan, outgoing, context, end);
        this.readers = List.copyOf(readers);
    }

    @Override
    void work(OperatorChain chain) throws Exception {
        new Loop(chain, readers, context().signal(), context().clock()).run();
    }

    /// The state of one run.
    private static final class Loop implements ChannelReader.Handler {
        private final OperatorChain chain;
        private final ChainedOperator head;
        private final ChannelReader[] readers;
        private final Signal signal;
        private final Clock clock;
        private final BooleanSupplier hasData = this::hasData;
        private long watermark = Long.MIN_VALUE;
        private int rounds;
        private long flushedNanos = System.nanoTime();

        Loop(OperatorChain chain, List<ChannelReader> readers, Signal signal, Clock clock) {
            this.chain = chain;
            this.head = chain.headOperator();
            this.readers = readers.toArray(new ChannelReader[0]);
            this.signal = signal;
            this.clock = clock;
        }

        void run() throws Exception {
            while (true) {
                signal.checkCanceled();
                boolean any = false;
                boolean allEnded = true;
                for (ChannelReader reader : readers) {
                    any |= reader.drain(this, QUOTA);
                    allEnded &= reader.ended();
                }
                long nextTimer = fireTimers();
                if (allEnded) {
                    publishMetrics();
                    return;
                }
                if (!any) {
                    chain.flush();
                    publishMetrics();
                    signal.await(hasData, nanosUntil(nextTimer));
                } else {
                    flushInTime();
                    if (++rounds % METRICS_EVERY == 0) {
                        publishMetrics();
                    }
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
                if (reader.hasData()) {
                    return true;
                }
            }
            return false;
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
