package io.aquifer.engine;

import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.checkpoint.CheckpointDraft;
import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.StateDirectory;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Takes the checkpoints of one attempt: asks the sources for barriers, gathers the subtasks'
/// parts, brings everything to the disk, and then has the sinks make visible what it holds.
///
/// One checkpoint at a time. One that fails, because the disk refuses or it takes too long, is
/// counted and named, and the job goes on; what sinks handed over for it belongs to the next. A
/// sink that fails ends the attempt, since its output can no longer be trusted to be on the disk.
///
/// **Threads**: [#run] has one of its own; subtasks call the rest, which waits for nothing.
final class CheckpointCoordinator implements CheckpointReceiver, Runnable {
    private final StateDirectory directory;
    private final CheckpointSettings settings;
    private final CheckpointAssembly assembly;
    private final SinkCommits sinks;
    private final CheckpointStatistics statistics;
    private final Collection<Subtask> subtasks;
    private final Consumer<Throwable> onFailure;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final long timeoutNanos;
    private final long intervalNanos;
    private final Map<Subtask, SubtaskSnapshot> ended = new LinkedHashMap<>();

    /// What was handed over for checkpoints that failed: it belongs to the next that does not.
    private final List<SubtaskSnapshot> carried = new ArrayList<>();

    /// What came behind the barrier of the checkpoint under way.
    private final List<SubtaskSnapshot> later = new ArrayList<>();

    private @Nullable Pending pending;

    /// The id of `pending`, 0 for none.
    private volatile long underWay;

    private long lastStartNanos;
    private boolean stopWanted;
    private boolean stopSent;
    private boolean closing;

    /// A checkpoint under way.
    private static final class Pending {
        private final CheckpointDraft draft;
        private final Kind kind;
        private final Instant started;
        private final long startNanos;
        private final Map<Subtask, SubtaskSnapshot> parts = new LinkedHashMap<>();

        Pending(CheckpointDraft draft, Kind kind, Instant started, long startNanos) {
            this.draft = draft;
            this.kind = kind;
            this.started = started;
            this.startNanos = startNanos;
        }
    }

    /// @param subtasks all of the attempt
    /// @param onFailure ends the attempt
    CheckpointCoordinator(
            StateDirectory directory,
            CheckpointSettings settings,
            CheckpointAssembly assembly,
            SinkCommits sinks,
            CheckpointStatistics statistics,
            Collection<Subtask> subtasks,
            Consumer<Throwable> onFailure,
            Clock clock,
            LongSupplier nanoTime) {
        this.directory = directory;
        this.settings = settings;
        this.assembly = assembly;
        this.sinks = sinks;
        this.statistics = statistics;
        this.subtasks = subtasks;
        this.onFailure = onFailure;
        this.clock = clock;
        this.nanoTime = nanoTime;
        // The longest there is for those that are longer.
        this.timeoutNanos = TimeUnit.NANOSECONDS.convert(settings.timeout());
        this.intervalNanos = TimeUnit.NANOSECONDS.convert(settings.interval());
        this.lastStartNanos = nanoTime.getAsLong();
    }

    @Override
    public void run() {
        try {
            while (step()) {
                // Each step waits for what it needs.
            }
        } catch (Throwable failed) {
            giveUp("the checkpoint thread failed");
            onFailure.accept(failed);
        }
    }

    /// What there is to do next.
    private enum Next {
        COMPLETE,
        TIME_OUT,
        TAKE,
        STOP,
        CLOSE
    }

    /// Waits for the next thing to do, and does it.
    ///
    /// @return false when it was the last
    boolean step() throws InterruptedException {
        switch (next()) {
            case COMPLETE -> complete();
            case TIME_OUT ->
                    giveUp(
                            "it was not complete after %d s: records did not get through to every operator"
                                    .formatted(settings.timeout().toSeconds()));
            case TAKE -> begin(Kind.PERIODIC);
            case STOP -> begin(Kind.STOP);
            case CLOSE -> {
                giveUp("the job ended");
                return false;
            }
        }
        return true;
    }

    private synchronized Next next() throws InterruptedException {
        while (true) {
            long now = nanoTime.getAsLong();
            long wait = Long.MAX_VALUE;
            Pending current = pending;
            if (current != null) {
                if (isComplete(current)) {
                    return Next.COMPLETE;
                }
                wait = timeoutNanos - (now - current.startNanos);
                if (wait <= 0) {
                    return Next.TIME_OUT;
                }
            }
            if (closing) {
                return Next.CLOSE;
            }
            if (current == null && !stopSent && hasSources()) {
                if (stopWanted) {
                    return Next.STOP;
                }
                if (intervalNanos > 0) {
                    wait = intervalNanos - (now - lastStartNanos);
                    if (wait <= 0) {
                        return Next.TAKE;
                    }
                }
            }
            // At least a millisecond: zero would wait for ever.
            wait(wait == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(wait) + 1);
        }
    }

    private boolean isComplete(Pending current) {
        for (Subtask subtask : subtasks) {
            if (!current.parts.containsKey(subtask) && !ended.containsKey(subtask)) {
                return false;
            }
        }
        return true;
    }

    /// Whether a source is there that can send a barrier.
    private boolean hasSources() {
        for (Subtask subtask : subtasks) {
            if (subtask instanceof SourceSubtask && !ended.containsKey(subtask)) {
                return true;
            }
        }
        return false;
    }

    private void begin(Kind kind) {
        CheckpointDraft draft = null;
        try {
            draft = directory.begin(directory.nextId());
        } catch (IOException refused) {
            statistics.failed(String.valueOf(refused.getMessage()));
            if (kind == Kind.STOP) {
                onFailure.accept(new CanceledException());
            }
        }
        Barrier barrier = null;
        synchronized (this) {
            lastStartNanos = nanoTime.getAsLong();
            stopSent |= kind == Kind.STOP;
            if (draft != null) {
                barrier = new Barrier(draft.id(), kind == Kind.STOP);
                pending =
                        new Pending(
                                draft, kind, Instant.ofEpochMilli(clock.millis()), lastStartNanos);
                underWay = draft.id();
            }
        }
        if (barrier != null) {
            for (Subtask subtask : subtasks) {
                if (subtask instanceof SourceSubtask source) {
                    source.trigger(barrier);
                }
            }
        }
    }

    /// Asks for a last checkpoint, after which every subtask stops. Any thread.
    synchronized void stop() {
        stopWanted = true;
        notifyAll();
    }

    /// Ends [#run] once a checkpoint that has all its parts is complete. Any thread.
    synchronized void close() {
        closing = true;
        notifyAll();
    }

    @Override
    public synchronized @Nullable CheckpointDraft draft(long checkpoint) {
        Pending current = pending;
        return current == null || current.draft.id() != checkpoint ? null : current.draft;
    }

    @Override
    public boolean isUnderWay(long checkpoint) {
        return underWay == checkpoint;
    }

    @Override
    public synchronized void acknowledge(
            Subtask subtask, long checkpoint, SubtaskSnapshot snapshot) {
        Pending current = pending;
        if (current == null || current.draft.id() != checkpoint) {
            snapshot.closeRuns();
            carried.add(snapshot);
            return;
        }
        current.parts.put(subtask, snapshot);
        notifyAll();
    }

    /// A subtask has processed all its input. It is part of every later checkpoint, and of the one
    /// under way unless it has sent its part already.
    synchronized void finished(Subtask subtask, SubtaskSnapshot last) {
        Pending current = pending;
        if (current == null) {
            carried.add(last);
        } else if (current.parts.containsKey(subtask)) {
            later.add(last);
        } else {
            current.parts.put(subtask, last);
        }
        ended.put(subtask, withoutCommittables(last));
        notifyAll();
    }

    private static SubtaskSnapshot withoutCommittables(SubtaskSnapshot last) {
        Map<StreamNode, SubtaskSnapshot.OperatorPart> operators = new LinkedHashMap<>();
        last.operators()
                .forEach(
                        (node, part) ->
                                operators.put(
                                        node,
                                        new SubtaskSnapshot.OperatorPart(
                                                part.watermark(),
                                                null,
                                                new StateRuns(),
                                                List.of(),
                                                part.counters())));
        return new SubtaskSnapshot(operators, last.source(), null);
    }

    /// The checkpoint under way becomes a failed one.
    private void giveUp(String why) {
        Pending current;
        synchronized (this) {
            current = pending;
            pending = null;
            underWay = 0;
            if (current != null) {
                carried.addAll(current.parts.values());
                carried.addAll(later);
                later.clear();
            }
        }
        if (current != null) {
            // Those that hold input back until the barrier has come from everywhere.
            for (Subtask subtask : subtasks) {
                subtask.context().signal().wake();
            }
            current.parts.values().forEach(SubtaskSnapshot::closeRuns);
            current.draft.abort();
            String failure = "checkpoint " + current.draft.id() + ": " + why;
            if (!isClosing() || current.kind == Kind.STOP) {
                statistics.failed(failure);
            }
            if (current.kind == Kind.STOP) {
                // Without its last checkpoint a job that was asked to stop is cancelled.
                onFailure.accept(new CanceledException());
            }
        }
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    /// Brings the checkpoint that has all its parts to the disk.
    private void complete() {
        Pending current;
        Map<Subtask, SubtaskSnapshot> snapshots;
        Map<StreamNode, List<String>> committables;
        int carriedIn;
        synchronized (this) {
            current = pending;
            if (current == null) {
                return;
            }
            snapshots = new LinkedHashMap<>(ended);
            snapshots.putAll(current.parts);
            List<SubtaskSnapshot> all = new ArrayList<>(carried);
            carriedIn = all.size();
            all.addAll(current.parts.values());
            committables = CheckpointAssembly.committables(all);
        }
        for (SubtaskSnapshot part : current.parts.values()) {
            IOException refused = part.failure();
            if (refused != null) {
                giveUp(String.valueOf(refused.getMessage()));
                return;
            }
        }
        sinks.persist(committables);
        CheckpointManifest manifest;
        try {
            manifest =
                    assembly.manifest(
                            current.draft,
                            current.kind,
                            current.started,
                            Duration.ofNanos(nanoTime.getAsLong() - current.startNanos),
                            snapshots,
                            committables);
        } catch (IOException refused) {
            giveUp(String.valueOf(refused.getMessage()));
            return;
        }
        sinks.completing();
        try {
            current.draft.complete(manifest);
        } catch (IOException refused) {
            sinks.notCompleted();
            giveUp(String.valueOf(refused.getMessage()));
            return;
        }
        synchronized (this) {
            pending = null;
            underWay = 0;
            carried.subList(0, carriedIn).clear();
            carried.addAll(later);
            later.clear();
        }
        current.parts.values().forEach(SubtaskSnapshot::closeRuns);
        statistics.completed(manifest);
        sinks.commit(committables, current.kind == Kind.STOP);
    }

    /// All subtasks have finished, and [#run] has ended: what is left becomes visible, and the run
    /// is noted as finished. A last checkpoint comes first, so that the next start only repeats
    /// this when it is interrupted.
    void finish() {
        Map<StreamNode, List<String>> committables = CheckpointAssembly.committables(carried);
        long startNanos = nanoTime.getAsLong();
        Instant started = Instant.ofEpochMilli(clock.millis());
        sinks.persist(committables);
        boolean complete = false;
        try {
            CheckpointDraft draft = directory.begin(directory.nextId());
            try {
                CheckpointManifest manifest =
                        assembly.manifest(
                                draft,
                                Kind.FINAL,
                                started,
                                Duration.ofNanos(nanoTime.getAsLong() - startNanos),
                                ended,
                                committables);
                sinks.completing();
                draft.complete(manifest);
                complete = true;
                statistics.completed(manifest);
            } finally {
                if (!complete) {
                    draft.abort();
                }
            }
        } catch (IOException refused) {
            sinks.notCompleted();
            statistics.failed(String.valueOf(refused.getMessage()));
        }
        sinks.commit(committables, true);
        try {
            directory.finished();
        } catch (IOException refused) {
            statistics.failed(
                    "the output is complete, but the run could not be noted as finished: "
                            + refused.getMessage());
        }
    }
}
