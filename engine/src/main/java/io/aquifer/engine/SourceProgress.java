package io.aquifer.engine;

import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition.Status;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// The splits of one source: which no subtask has taken yet in this attempt, where each goes on,
/// and the source's common pace. Any thread.
final class SourceProgress {
    /// A split for a subtask to read.
    record Assignment(int index, SourceSplit split, long position) {}

    private static final long MOST_BEHIND_NANOS = 1_000_000_000;

    private final Source<?> source;
    private final List<SourceSplit> splits;
    private final List<SplitPosition> begun;
    private final Queue<Assignment> waiting = new ArrayDeque<>();
    private boolean paced;

    /// When, at the wanted rate, the records read so far would have been read.
    private long paceNanos;

    private volatile boolean allStarted;

    /// @param restored how far an earlier attempt had read each of `splits`, or empty
    SourceProgress(Source<?> source, List<SourceSplit> splits, List<SplitPosition> restored) {
        this.source = source;
        this.splits = List.copyOf(splits);
        begun = new ArrayList<>();
        for (int i = 0; i < splits.size(); i++) {
            SourceSplit split = splits.get(i);
            begun.add(
                    restored.isEmpty()
                            ? at(split, split.start(), Status.WAITING)
                            : restored.get(i));
        }
        // What was being read goes first: the watermark waits for all that has started.
        for (Status status : List.of(Status.STARTED, Status.WAITING)) {
            for (int i = 0; i < splits.size(); i++) {
                if (begun.get(i).status() == status) {
                    waiting.add(new Assignment(i, splits.get(i), begun.get(i).position()));
                }
            }
        }
        allStarted = waiting.isEmpty();
    }

    private SplitPosition at(SourceSplit split, long position, Status status) {
        return new SplitPosition(
                split.id(),
                split.start(),
                split.end(),
                position,
                status,
                source.describe(split, position));
    }

    synchronized @Nullable Assignment next() {
        Assignment next = waiting.poll();
        allStarted = waiting.isEmpty();
        return next;
    }

    /// Whether every split has been started. Until then no watermark can be known: the records of a
    /// split that waits may be of any time.
    boolean allStarted() {
        return allStarted;
    }

    /// The nanoseconds by which the source is ahead of `recordsPerSecond`, counting `read` records
    /// more. What it could not read while it was held up it makes up for at most a second.
    synchronized long aheadNanos(long read, long recordsPerSecond) {
        long now = System.nanoTime();
        paceNanos += (long) (read * 1e9 / recordsPerSecond);
        paceNanos = paced ? Math.max(paceNanos, now - MOST_BEHIND_NANOS) : now;
        paced = true;
        return paceNanos - now;
    }

    /// Where every split stands in a checkpoint.
    ///
    /// @param parts those of all the source's subtasks
    List<SplitPosition> positions(List<SubtaskSnapshot.SourcePart> parts) {
        List<SplitPosition> positions = new ArrayList<>(begun);
        for (SubtaskSnapshot.SourcePart part : parts) {
            part.done()
                    .forEach(
                            (done, end) ->
                                    positions.set(done, at(splits.get(done), end, Status.DONE)));
            if (part.split() >= 0) {
                SourceSplit split = splits.get(part.split());
                positions.set(part.split(), at(split, part.position(), Status.STARTED));
            }
        }
        return positions;
    }
}
