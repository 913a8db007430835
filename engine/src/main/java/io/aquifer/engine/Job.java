package io.aquifer.engine;

import io.aquifer.api.JobClient;
import io.aquifer.api.JobExecutionResult;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.memory.MemoryManager;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// One job from start to end: CREATED, RUNNING, then FINISHED, FAILED or CANCELED.
///
/// The first subtask that fails decides the job's failure; the others are then cancelled. The job
/// has ended when every thread of it has, its sinks have committed or aborted, and its memory is
/// back.
final class Job implements JobClient, JobView {
    private final JobGraph graph;
    private final MemoryManager manager;
    private final List<JobListener> listeners;
    private final Consumer<Job> onEnd;
    private final JobExecution execution;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread coordinator;
    private final long startNanos = System.nanoTime();
    private volatile long endNanos;
    private volatile JobState state = JobState.CREATED;
    private @Nullable Throwable failure;
    private boolean cancelRequested;

    Job(JobGraph graph, MemoryManager manager, List<JobListener> listeners, Consumer<Job> onEnd) {
        this.graph = graph;
        this.manager = manager;
        this.listeners = listeners;
        this.onEnd = onEnd;
        this.execution = new JobExecution(graph, manager, this::fail);
        this.coordinator =
                Thread.ofPlatform()
                        .daemon()
                        .name(graph.name() + " coordinator")
                        .unstarted(this::runToEnd);
    }

    /// Prepares sources and sinks and starts the threads.
    ///
    /// @throws JobExecutionException when that fails; everything is given back then
    void run() {
        try {
            execution.prepare();
        } catch (Throwable failed) {
            execution.abandon();
            throw JobExecutionException.notStarted(graph.name(), failed);
        }
        state = JobState.RUNNING;
        try {
            listeners.forEach(listener -> listener.jobStarted(this));
            coordinator.start();
        } catch (Throwable failed) {
            state = JobState.FAILED;
            execution.abandon();
            throw JobExecutionException.notStarted(graph.name(), failed);
        }
    }

    private void runToEnd() {
        execution.runSubtasks();
        Throwable failed = failureAtCommit();
        try {
            if (failed == null) {
                execution.commitSinks();
            } else {
                execution.abortSinks();
            }
        } catch (Throwable committing) {
            if (failed == null) {
                fail(committing);
                execution.abortSinks();
            }
        }
        List<String> leaks = execution.releaseMemory();
        endNanos = System.nanoTime();
        Throwable cause = failureOrNull();
        state =
                cause == null
                        ? JobState.FINISHED
                        : cause instanceof CanceledException ? JobState.CANCELED : JobState.FAILED;
        onEnd.accept(this);
        JobReport report =
                new JobReport(progress(), state, state == JobState.FAILED ? cause : null, leaks);
        try {
            listeners.forEach(listener -> listener.jobFinished(report));
        } finally {
            ended.countDown();
        }
    }

    private synchronized @Nullable Throwable failureOrNull() {
        return failure;
    }

    /// The failure so far. From here on it is too late to cancel: sinks commit or abort.
    private synchronized @Nullable Throwable failureAtCommit() {
        cancelRequested = true;
        return failure;
    }

    /// Records the first failure and cancels what still runs. Any thread.
    private void fail(Throwable cause) {
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = cause;
        }
        execution.cancelSubtasks();
    }

    @Override
    public void cancel() {
        synchronized (this) {
            if (cancelRequested || state.isTerminal()) {
                return;
            }
            cancelRequested = true;
        }
        fail(new CanceledException());
    }

    @Override
    public void stop() {
        cancel();
    }

    @Override
    public JobStart start() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getJobName() {
        return graph.name();
    }

    @Override
    public String name() {
        return graph.name();
    }

    @Override
    public JobExecutionResult getResult() throws InterruptedException {
        ended.await();
        coordinator.join();
        Throwable cause = failureOrNull();
        if (cause instanceof CanceledException) {
            throw JobExecutionException.canceled(graph.name());
        }
        if (cause != null) {
            throw JobExecutionException.failed(graph.name(), cause);
        }
        JobMetrics metrics = execution.metrics();
        return new JobExecutionResult(
                graph.name(),
                elapsed(),
                metrics.sourceRecords(),
                metrics.rejects().counts(),
                metrics.counters());
    }

    private Duration elapsed() {
        long end = endNanos;
        return Duration.ofNanos((end == 0 ? System.nanoTime() : end) - startNanos);
    }

    @Override
    public JobProgress progress() {
        JobMetrics metrics = execution.metrics();
        return new JobProgress(
                graph.name(),
                state,
                elapsed(),
                metrics.sourceRecords(),
                metrics.rejects().total(),
                metrics.rejects().counts(),
                metrics.counters(),
                metrics.watermark(),
                metrics.operators(),
                CheckpointProgress.NONE,
                0,
                manager.statistics());
    }
}
