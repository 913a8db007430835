package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;

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
    private final SubtaskEnd end;
    private final long createdNanos = System.nanoTime();
    private volatile @Nullable OperatorChain chain;

    /// Told how a subtask ended. Called once, by the subtask's thread, as the last thing it does.
    interface SubtaskEnd {
        /// @param failure null when it finished
        void ended(Subtask subtask, @Nullable Throwable failure);
    }

    Subtask(JobPlan.Chain plan, List<Exchange> outgoing, SubtaskContext context, SubtaskEnd end) {
        this.plan = plan;
        this.outgoing = outgoing;
        this.context = context;
        this.end = end;
    }

    @Override
    public final void run() {
        Throwable failure = null;
        OperatorChain opened = null;
        try {
            opened = new OperatorChain(plan, outgoing, context);
            chain = opened;
            opened.open();
            work(opened);
            opened.finish();
        } catch (Throwable failed) {
            failure = failed;
        }
        try {
            if (opened != null) {
                Throwable closing = opened.close();
                failure = failure == null ? closing : failure;
            }
        } catch (Throwable failed) {
            failure = failure == null ? failed : failure;
        }
        end.ended(this, failure);
    }

    /// Feeds the chain until its input has ended; the last watermark has then been passed on.
    abstract void work(OperatorChain chain) throws Exception;

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
