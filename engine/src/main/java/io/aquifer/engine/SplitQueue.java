package io.aquifer.engine;

import io.aquifer.api.connector.SourceSplit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;

/// The splits of one source that no subtask has started yet, in order; and the source's common
/// pace. Any thread.
final class SplitQueue {
    private final Queue<SourceSplit> waiting;
    private final AtomicLong records = new AtomicLong();
    private volatile boolean allStarted;
    private volatile long startNanos;

    SplitQueue(List<SourceSplit> splits) {
        waiting = new ArrayDeque<>(splits);
        allStarted = splits.isEmpty();
    }

    synchronized @Nullable SourceSplit next() {
        SourceSplit split = waiting.poll();
        allStarted = waiting.isEmpty();
        return split;
    }

    /// Whether every split has been started. Until then no watermark can be known: the records of a
    /// split that waits may be of any time.
    boolean allStarted() {
        return allStarted;
    }

    /// The nanoseconds by which the source is ahead of `recordsPerSecond` when it has read one
    /// record more.
    long aheadNanos(long recordsPerSecond) {
        long now = System.nanoTime();
        if (startNanos == 0) {
            startNanos = now;
        }
        double due = records.getAndIncrement() * 1e9 / recordsPerSecond;
        return (long) due - (now - startNanos);
    }
}
