package io.aquifer.engine;

import io.aquifer.api.OutputTag;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.Operation;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.MemoryStatistics;
import io.aquifer.operators.OperatorFactory;
import io.aquifer.operators.Output;
import io.aquifer.operators.StreamOperator;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/// One operator by hand, for harnesses: the operator, state, timers and messages of a real subtask,
/// without threads, exchange or source. The caller plays the subtask's thread.
///
/// It has a memory manager of its own, sized by the graph's `setMemory`, so that what it holds is
/// known to the byte.
///
/// | Call                        | As in a job                                                                |
/// |-----------------------------|----------------------------------------------------------------------------|
/// | [#open]                     | makes copies of the functions and calls their `open`                       |
/// | [#processElement]           | a record comes in                                                          |
/// | [#processWatermark]         | event time advances                                                        |
/// | [#fireProcessingTimeTimers] | what a subtask does between batches of records                             |
/// | [#finish]                   | all input has ended                                                        |
/// | [#close]                    | the subtask ends: functions closed, memory back                            |
///
/// A failure is thrown with the message that the job's failure would have: operator, line, subtask,
/// cause and record. The operator should only be closed then.
///
/// **Threads.** One at a time.
public final class HostedOperator implements AutoCloseable {
    private final MemoryManager manager;
    private final Spill spill;
    private final MemoryScope memory;
    private final ChainedOperator operator;
    private final @Nullable KeyedState<Object> keyedState;
    private final OperatorMetrics metrics;
    private final List<String> committables = new ArrayList<>();
    private boolean closed;

    /// Takes what the operator puts out.
    public interface Receiver {
        /// @param timestamp event time in milliseconds, [Long#MIN_VALUE] when the record has none
        void record(Object value, long timestamp);

        /// A record for a side output.
        void sideRecord(OutputTag<?> tag, Object value, long timestamp);

        void watermark(long watermark);
    }

    private HostedOperator(
            MemoryManager manager,
            Spill spill,
            MemoryScope memory,
            ChainedOperator operator,
            @Nullable KeyedState<Object> keyedState,
            OperatorMetrics metrics) {
        this.manager = manager;
        this.spill = spill;
        this.memory = memory;
        this.operator = operator;
        this.keyedState = keyedState;
        this.metrics = metrics;
    }

    /// Makes the operator of the graph's last node, as subtask 1 of 1, and opens it.
    ///
    /// @param clockMillis processing time in milliseconds since the epoch
    /// @throws IllegalArgumentException when the last node is a source, or its types are missing
    public static HostedOperator open(JobGraph graph, LongSupplier clockMillis, Receiver receiver) {
        StreamNode node = graph.nodes().getLast();
        if (node.operation() instanceof Operation.Read) {
            throw new IllegalArgumentException(
                    node + " is a source; a harness hosts an operator, so put one after it");
        }
        MemoryManager manager =
                MemoryManager.create(MemoryBudget.forJob(graph.settings().memory()));
        Spill spill = Spill.in(JobConfiguration.spillDirectory());
        SubtaskId id = new SubtaskId(node.name(), 0, 1);
        MemoryScope job = manager.openScope(graph.name());
        MemoryScope memory = job.openScope(id.toString());
        StateBackend backend = graph.settings().stateBackend();
        AttemptContext attempt =
                new AttemptContext(
                        graph.name(),
                        manager,
                        job,
                        backend == null ? new ManagedStateBackend() : backend,
                        clockMillis::getAsLong,
                        new OperatorIds(graph),
                        RestorePoint.nothing(),
                        new SinkRun(graph.name(), "harness", 0),
                        false,
                        spill,
                        new SourceThrottle());
        int groups = KeyGroups.maxParallelism(1);
        SubtaskContext subtask =
                new SubtaskContext(
                        attempt, id, KeyGroupRange.of(0, 1, groups), memory, job, new Signal());
        OperatorMetrics metrics = new OperatorMetrics();
        KeyedState<Object> keyedState = null;
        try {
            EngineOperatorContext context =
                    new EngineOperatorContext(
                            node, subtask, metrics, new ReceiverOutput(receiver, metrics));
            keyedState = context.keyedState();
            StreamOperator<Object> made = OperatorFactory.create(context);
            ChainedOperator operator =
                    new ChainedOperator(node, id, made, metrics, context.memory());
            HostedOperator hosted =
                    new HostedOperator(manager, spill, memory, operator, keyedState, metrics);
            hosted.openOrClose();
            return hosted;
        } catch (RuntimeException | Error failed) {
            if (keyedState != null) {
                keyedState.close();
            }
            memory.closeAndReport();
            spill.close();
            manager.close();
            throw failed;
        }
    }

    private void openOrClose() {
        try {
            operator.open();
        } catch (RuntimeException | Error failed) {
            try {
                operator.close();
            } catch (RuntimeException | Error closing) {
                failed.addSuppressed(closing);
            }
            throw failed;
        }
    }

    /// @param timestamp event time in milliseconds, or [Long#MIN_VALUE] for none
    public void processElement(Object value, long timestamp) {
        requireOpen();
        operator.element(value, timestamp);
    }

    public void processWatermark(long watermark) {
        requireOpen();
        operator.watermark(watermark);
    }

    /// Fires the processing-time timers that the clock has reached.
    ///
    /// @return when the next one is due, [Long#MAX_VALUE] when there is none
    public long fireProcessingTimeTimers() {
        requireOpen();
        KeyedState<Object> keyed = keyedState;
        if (keyed == null) {
            return Long.MAX_VALUE;
        }
        long[] next = {Long.MAX_VALUE};
        operator.call(() -> next[0] = keyed.fireProcessingTimeTimers());
        return next[0];
    }

    /// Ends the input; the last watermark, [Long#MAX_VALUE], is the caller's to send before.
    public void finish() {
        requireOpen();
        OwnSnapshot last = new OwnSnapshot(0);
        operator.finish(last);
        committables.addAll(last.committables());
    }

    /// Managed memory that the operator's state holds now, by the state's own count.
    public long stateBytes() {
        KeyedState<Object> keyed = keyedState;
        if (keyed == null) {
            return 0;
        }
        keyed.publishMetrics();
        return metrics.stateBytes();
    }

    /// All memory that the operator holds now, by the ledger's count.
    public long heldBytes() {
        return memory.heldBytes();
    }

    /// The operator's own memory manager at this moment.
    public MemoryStatistics memoryStatistics() {
        return manager.statistics();
    }

    /// The functions' counters by name.
    public Map<String, Long> counters() {
        Map<String, Long> counts = new TreeMap<>();
        metrics.counters().forEach((name, count) -> counts.put(name, count.getCount()));
        return counts;
    }

    /// What a sink's writer returned from `finish`.
    public List<String> committables() {
        return List.copyOf(committables);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the operator has been closed");
        }
    }

    /// Closes the functions and the state, and gives all memory back. Closing again does nothing.
    ///
    /// @throws io.aquifer.memory.MemoryLeakException when a lease was still open then; it was taken
    ///   back
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (manager;
                spill;
                memory) {
            try {
                operator.close();
            } finally {
                if (keyedState != null) {
                    keyedState.close();
                }
            }
        }
    }

    private record ReceiverOutput(Receiver receiver, OperatorMetrics metrics) implements Output {
        @Override
        public void collect(Object value, long timestamp) {
            metrics.out().inc(1);
            receiver.record(value, timestamp);
        }

        @Override
        public void collect(OutputTag<?> tag, Object value, long timestamp) {
            receiver.sideRecord(tag, value, timestamp);
        }

        @Override
        public void watermark(long watermark) {
            receiver.watermark(watermark);
        }
    }
}
