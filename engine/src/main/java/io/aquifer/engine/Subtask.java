package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.engine.SubtaskSnapshot.SourcePart;
import io.aquifer.engine.checkpoint.CheckpointDraft;
import io.aquifer.memory.MemoryScope;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// One thread's work: a chain of operators and what feeds it.
///
/// Everything is made by the thread that runs it, in [#run]. Whatever happens, operators are closed
/// and state goes back before the thread ends.
abstract sealed class Subtask implements Runnable permits SourceSubtask, ProcessingSubtask {
    private final JobPlan.Chain plan;
    private final List<Exchange> outgoing;
    private final SubtaskContext context;
    private final CheckpointReceiver checkpoints;
    private final SubtaskEnd end;
    private final long createdNanos = System.nanoTime();
    private volatile @Nullable OperatorChain chain;
    private long lastCheckpoint;
    private @Nullable PendingSnapshot pending;

    /// How a subtask's work ended.
    enum Ending {
        /// All input was processed.
        FINISHED,
        /// A last checkpoint was taken, and the rest is left for a later start.
        STOPPED
    }

    /// Told how a subtask ended. Called once, by the subtask's thread, as the last thing it does.
    interface SubtaskEnd {
        /// @param last what it leaves when it has finished: committables since its last checkpoint,
        ///   and how far it came; null when it has not
        /// @param failure null when it finished or was stopped
        void ended(Subtask subtask, @Nullable SubtaskSnapshot last, @Nullable Throwable failure);
    }

    Subtask(
            JobPlan.Chain plan,
            List<Exchange> outgoing,
            SubtaskContext context,
            CheckpointReceiver checkpoints,
            SubtaskEnd end) {
        this.plan = plan;
        this.outgoing = outgoing;
        this.context = context;
        this.checkpoints = checkpoints;
        this.end = end;
        this.lastCheckpoint = context.restored().checkpoint();
        context.serveReclaims();
    }

    @Override
    public final void run() {
        try (MemoryScope.Entry _ = context.memory().enter()) {
            Outcome outcome;
            try (MemoryScope.Entry _ = context.exchangeMemory().enter()) {
                outcome = workToEnd();
            }
            end.ended(this, outcome.failure() == null ? outcome.last() : null, outcome.failure());
        }
    }

    private record Outcome(@Nullable SubtaskSnapshot last, @Nullable Throwable failure) {}

    private Outcome workToEnd() {
        Throwable failure = null;
        SubtaskSnapshot last = null;
        OperatorChain opened = null;
        try {
            opened = new OperatorChain(plan, outgoing, context);
            chain = opened;
            opened.open();
            if (work(opened) == Ending.FINISHED) {
                finishSnapshot();
                long number = context.attempt().takesCheckpoints() ? lastCheckpoint + 1 : 0;
                last = new SubtaskSnapshot(opened.finish(number), sourcePart(), null);
            }
        } catch (Throwable failed) {
            failure = failed;
        }
        PendingSnapshot left = pending;
        if (left != null) {
            left.snapshot().closeRuns();
        }
        try {
            if (opened != null) {
                Throwable closing = opened.close();
                failure = failure == null ? closing : failure;
            }
        } catch (Throwable failed) {
            failure = failure == null ? failed : failure;
        }
        return new Outcome(last, failure);
    }

    /// Feeds the chain until its input has ended, when the last watermark has been passed on; or
    /// until a barrier that stops the job.
    abstract Ending work(OperatorChain chain) throws Exception;

    /// How far a source's subtask has come; null for others.
    @Nullable SourcePart sourcePart() {
        return null;
    }

    /// Passes a barrier on and takes this subtask's part of its checkpoint.
    ///
    /// State that goes to disk on the side is part of it when [#advanceSnapshot] or
    /// [#finishSnapshot] has seen it there.
    final void checkpoint(OperatorChain passed, Barrier barrier) {
        passed.barrier(barrier);
        finishSnapshot();
        lastCheckpoint = barrier.checkpoint();
        CheckpointDraft draft = checkpoints.draft(barrier.checkpoint());
        if (draft != null) {
            pending =
                    new PendingSnapshot(
                            barrier.checkpoint(),
                            passed.snapshot(barrier.checkpoint(), draft, sourcePart()));
            if (barrier.stop()) {
                finishSnapshot();
            } else {
                advanceSnapshot();
            }
        }
    }

    /// Goes on with the snapshot under way, if there is one, and hands it in when it is complete.
    final void advanceSnapshot() {
        PendingSnapshot under = pending;
        if (under != null && under.advance()) {
            pending = null;
            checkpoints.acknowledge(this, under.checkpoint(), under.snapshot());
        }
    }

    /// Whether there is a snapshot under way that gets on.
    final boolean canAdvanceSnapshot() {
        PendingSnapshot under = pending;
        return under != null && under.canAdvance();
    }

    /// Completes the snapshot under way, if there is one, and hands it in.
    final void finishSnapshot() {
        PendingSnapshot under = pending;
        if (under != null) {
            pending = null;
            under.finish();
            checkpoints.acknowledge(this, under.checkpoint(), under.snapshot());
        }
    }

    final CheckpointReceiver checkpoints() {
        return checkpoints;
    }

    final SubtaskContext context() {
        return context;
    }

    final JobPlan.Chain plan() {
        return plan;
    }

    /// What an operator of this subtask has counted, or null before it was made. Any thread.
    final @Nullable OperatorMetrics metrics(StreamNode node) {
        OperatorChain made = chain;
        return made == null ? null : made.metrics(node);
    }

    /// The time since the subtask was made, and the part of it spent waiting. Any thread.
    final long aliveNanos() {
        return System.nanoTime() - createdNanos;
    }

    final long waitedNanos() {
        return context.signal().waitedNanos();
    }
}
