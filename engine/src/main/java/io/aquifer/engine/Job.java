package io.aquifer.engine;

import io.aquifer.api.JobClient;
import io.aquifer.api.JobExecutionResult;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.memory.MemoryManager;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One job from start to end: CREATED, RUNNING, then FINISHED, STOPPED, FAILED or CANCELED, in one
/// attempt or several.
///
/// The first subtask that fails decides the attempt's failure; the others are then cancelled, and
/// the restart strategy says whether another attempt follows. An attempt has ended when every
/// thread of it has, its sinks have committed or aborted, and its memory is back.
final class Job implements JobClient, JobView {
    private final JobGraph graph;
    private final MemoryManager manager;
    private final List<JobListener> listeners;
    private final Consumer<Job> onEnd;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread coordinator;
    private final long startNanos = System.nanoTime();
    private final List<String> leaks = new ArrayList<>();
    private final JobRuntime runtime;
    private final Restarts restarts;
    private volatile JobExecution execution;
    private volatile long endNanos;
    private volatile JobState state = JobState.CREATED;
    private volatile int restartCount;
    private volatile @Nullable String lastRestart;
    private @Nullable Throwable failure;
    private boolean ending;
    private boolean stopRequested;
    private boolean cancelRequested;

    /// Opens the state directory and prepares sources and sinks.
    ///
    /// @throws RuntimeException when that fails; everything is given back then
    Job(JobGraph graph, MemoryManager manager, List<JobListener> listeners, Consumer<Job> onEnd) {
        this.graph = graph;
        this.manager = manager;
        this.listeners = listeners;
        this.onEnd = onEnd;
        this.coordinator =
                Thread.ofPlatform()
                        .daemon()
                        .name(graph.name() + " coordinator")
                        .unstarted(this::runToEnd);
        JobRuntime opened = JobRuntime.open(graph, manager, false);
        JobExecution prepared;
        try {
            prepared = firstAttempt(opened);
        } catch (StateDirectoryException otherJob) {
            if (!opened.configuration().force()) {
                throw otherJob;
            }
            opened = JobRuntime.open(graph, manager, true);
            prepared = firstAttempt(opened);
        }
        this.runtime = opened;
        this.execution = prepared;
        this.restarts = new Restarts(opened.configuration().restartStrategy());
    }

    private JobExecution firstAttempt(JobRuntime opened) {
        try {
            return opened.attempt(this::fail);
        } catch (Throwable failed) {
            opened.close();
            throw failed;
        }
    }

    /// Starts the threads.
    ///
    /// @throws JobExecutionException when that fails; everything is given back then
    void run() {
        state = JobState.RUNNING;
        try {
            listeners.forEach(listener -> listener.jobStarted(this));
            coordinator.start();
        } catch (Throwable failed) {
            state = JobState.FAILED;
            execution.abandon();
            runtime.close();
            throw JobExecutionException.notStarted(graph.name(), failed);
        }
    }

    private void runToEnd() {
        JobState last;
        try {
            last = runAttempts();
        } catch (Throwable broken) {
            // Nobody may wait for this job for ever.
            fail(broken);
            last = JobState.FAILED;
        }
        runtime.close();
        endNanos = System.nanoTime();
        state = last;
        onEnd.accept(this);
        JobReport report =
                new JobReport(
                        progress(),
                        last,
                        last == JobState.FAILED || last == JobState.STOPPED
                                ? failureOrNull()
                                : null,
                        List.copyOf(leaks));
        try {
            listeners.forEach(listener -> listener.jobFinished(report));
        } finally {
            ended.countDown();
        }
    }

    private JobState runAttempts() {
        while (true) {
            long attemptNanos = System.nanoTime();
            boolean finished = execution.runSubtasks();
            Throwable failed = failureAtEnd();
            if (failed == null && finished) {
                try {
                    execution.commit();
                } catch (Throwable committing) {
                    fail(committing);
                    failed = committing;
                }
            }
            leaks.addAll(execution.close());
            if (failed == null) {
                return finished ? JobState.FINISHED : JobState.STOPPED;
            }
            JobState end = awaitNextAttempt(System.nanoTime() - attemptNanos);
            if (end != JobState.RUNNING) {
                return end;
            }
            state = JobState.RUNNING;
        }
    }

    /// Waits as the restart strategy says and prepares the next attempt, until one is prepared or
    /// the strategy gives up.
    ///
    /// @param ranNanos how long the failed attempt had run
    /// @return RUNNING when there is a next attempt, else how the job ends
    private JobState awaitNextAttempt(long ranNanos) {
        long ran = ranNanos;
        while (true) {
            if (failureOrNull() instanceof CanceledException) {
                return JobState.CANCELED;
            }
            if (execution.isStuck() || isFinal(failureOrNull())) {
                return JobState.FAILED;
            }
            String cause = failureText();
            Optional<Duration> delay = restarts.afterFailure(System.nanoTime(), ran);
            if (delay.isEmpty()) {
                return JobState.FAILED;
            }
            state = JobState.RESTARTING;
            Optional<JobState> end = sleep(delay.get());
            if (end.isPresent()) {
                return end.get();
            }
            restartCount++;
            ran = 0;
            lastRestart = cause;
            try {
                execution = runtime.attempt(this::fail);
            } catch (Throwable again) {
                fail(again);
                continue;
            }
            synchronized (this) {
                if (failure == null) {
                    if (stopRequested) {
                        execution.stopSubtasks();
                    }
                    return JobState.RUNNING;
                }
            }
            // Cancelled while it was prepared.
            execution.abandon();
        }
    }

    /// Whether another attempt would fail in the same way: its state does not fit the job.
    private static boolean isFinal(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StateDirectoryException) {
                return true;
            }
        }
        return false;
    }

    /// Waits between two attempts, and forgets the failure of the one before.
    ///
    /// @return how the job ends when it was cancelled or stopped meanwhile
    private synchronized Optional<JobState> sleep(Duration delay) {
        ending = false;
        long start = System.nanoTime();
        long nanos = TimeUnit.NANOSECONDS.convert(delay);
        boolean interrupted = false;
        while (!cancelRequested && !stopRequested) {
            long left = nanos - (System.nanoTime() - start);
            if (left <= 0) {
                failure = null;
                return Optional.empty();
            }
            try {
                // At least a millisecond: zero would wait for ever.
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
            } catch (InterruptedException notOurs) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return Optional.of(stopRequested ? JobState.STOPPED : JobState.CANCELED);
    }

    private String failureText() {
        Throwable failed = failureOrNull();
        return failed == null ? "" : JobExecutionException.describe(failed);
    }

    private synchronized @Nullable Throwable failureOrNull() {
        return failure;
    }

    /// The attempt's failure. From here on it is too late to cancel: sinks commit or abort.
    private synchronized @Nullable Throwable failureAtEnd() {
        ending = true;
        return failure;
    }

    /// Records the attempt's first failure and cancels what still runs. Any thread.
    private void fail(Throwable cause) {
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = cause;
        }
        JobExecution running = execution;
        if (running != null) {
            running.cancelSubtasks();
        }
    }

    @Override
    public void cancel() {
        synchronized (this) {
            if (state.isTerminal()) {
                return;
            }
            cancelRequested = true;
            notifyAll();
            if (ending) {
                // It is too late for this attempt, but no other follows.
                return;
            }
        }
        fail(new CanceledException());
    }

    @Override
    public void stop() {
        synchronized (this) {
            if (stopRequested || state.isTerminal()) {
                return;
            }
            stopRequested = runtime.directory() != null;
            notifyAll();
        }
        if (!execution.stopSubtasks()) {
            cancel();
        }
    }

    @Override
    public JobStart start() {
        return runtime.start();
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
        JobMetrics metrics = execution.metrics();
        return switch (state) {
            case FAILED ->
                    throw JobExecutionException.failed(
                            graph.name(),
                            cause == null ? new IllegalStateException("unknown") : cause,
                            afterRestarts());
            case CANCELED -> throw JobExecutionException.canceled(graph.name());
            case STOPPED ->
                    throw JobExecutionException.stopped(
                            graph.name(), runtime.statistics().progress().lastId());
            case CREATED, RUNNING, RESTARTING, FINISHED ->
                    new JobExecutionResult(
                            graph.name(),
                            elapsed(),
                            metrics.sourceRecords(),
                            metrics.rejects(),
                            metrics.counters());
        };
    }

    /// What a failed job's message ends with.
    private String afterRestarts() {
        if (restartCount == 0) {
            return "";
        }
        long last = runtime.statistics().progress().lastId();
        return ". Gave up after %d restart%s (strategy: %s)%s"
                .formatted(
                        restartCount,
                        restartCount == 1 ? "" : "s",
                        restarts.description(),
                        last == 0 ? "" : "; checkpoint " + last + " can be resumed");
    }

    private Duration elapsed() {
        long end = endNanos;
        return Duration.ofNanos((end == 0 ? System.nanoTime() : end) - startNanos);
    }

    @Override
    public JobProgress progress() {
        JobMetrics metrics = execution.metrics();
        Map<String, Long> rejects = metrics.rejects();
        return new JobProgress(
                graph.name(),
                state,
                elapsed(),
                metrics.sourceRecords(),
                rejects.values().stream().mapToLong(Long::longValue).sum(),
                rejects,
                metrics.counters(),
                metrics.watermark(),
                metrics.operators(),
                runtime.statistics().progress(),
                restartCount,
                lastRestart,
                manager.statistics());
    }
}
