package io.aquifer.benchmarks.memory;

import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemoryStatistics;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Looks at this process's ledger at a fixed interval while a job runs.
///
/// **Threads.** A thread of its own, which calls the consumer; what that collected is complete
/// after [#stop].
final class LedgerSampler {
    private final long intervalNanos;
    private final Consumer<MemoryStatistics> consumer;
    private final Worker worker;
    private volatile boolean stopped;

    private LedgerSampler(long intervalMillis, Consumer<MemoryStatistics> consumer) {
        this.intervalNanos = intervalMillis * 1_000_000;
        this.consumer = consumer;
        this.worker = Worker.start("ledger sampler", this::sample);
    }

    static LedgerSampler start(long intervalMillis, Consumer<MemoryStatistics> consumer) {
        return new LedgerSampler(intervalMillis, consumer);
    }

    /// Looks once more and ends.
    void stop() {
        stopped = true;
        worker.end();
    }

    private void sample() {
        boolean last;
        do {
            last = stopped;
            TaskManager.get().memoryStatistics().ifPresent(consumer);
            LockSupport.parkNanos(intervalNanos);
        } while (!last);
    }
}
