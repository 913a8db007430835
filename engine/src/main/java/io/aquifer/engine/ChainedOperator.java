package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.operators.OperatorSnapshot;
import io.aquifer.operators.StreamOperator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// An operator in its place in a chain: counts what comes in, and gives failures the operator's
/// name and line.
final class ChainedOperator implements ChainTarget {
    private final StreamNode node;
    private final SubtaskId subtask;
    private final StreamOperator<Object> operator;
    private final OperatorMetrics metrics;
    private final OperatorMemory memory;

    ChainedOperator(
            StreamNode node,
            SubtaskId subtask,
            StreamOperator<Object> operator,
            OperatorMetrics metrics,
            OperatorMemory memory) {
        this.node = node;
        this.subtask = subtask;
        this.operator = operator;
        this.metrics = metrics;
        this.memory = memory;
    }

    @Override
    public void element(Object value, long timestamp) {
        metrics.in().inc(1);
        try {
            operator.processElement(value, timestamp);
        } catch (Throwable failed) {
            throw failure(value, failed);
        }
    }

    /// Processes a batch, which the operator is told of beforehand.
    void elements(Object[] values, long[] timestamps, int count) {
        operator.prepare(values, count);
        for (int i = 0; i < count; i++) {
            element(values[i], timestamps[i]);
        }
    }

    @Override
    public void watermark(long watermark) {
        call(() -> operator.processWatermark(watermark));
        metrics.setWatermark(watermark);
    }

    void open() {
        call(operator::open);
    }

    void finish(OperatorSnapshot last) {
        call(() -> operator.finish(last));
    }

    void snapshot(OperatorSnapshot snapshot) {
        call(() -> operator.snapshot(snapshot));
    }

    /// A step that writes state, which the disk may refuse.
    interface WriteStep {
        void run() throws IOException;
    }

    /// Names the operator when its state cannot be turned into bytes.
    ///
    /// @throws IOException when the disk refuses, which is not the operator's failure
    void write(WriteStep step) throws IOException {
        try {
            step.run();
        } catch (RuntimeException | Error failed) {
            throw failure(null, failed);
        }
    }

    /// Closes the operator, and then its functions' data structures, which `close` may still use.
    void close() {
        try {
            call(operator::close);
        } finally {
            memory.close();
        }
    }

    /// A step of the operator that has no record at hand.
    interface Step {
        void run() throws Exception;
    }

    void call(Step step) {
        try {
            step.run();
        } catch (Throwable failed) {
            throw failure(null, failed);
        }
    }

    private RuntimeException failure(@Nullable Object record, Throwable failed) {
        return OperatorFailure.of(node, subtask, record, failed);
    }
}
