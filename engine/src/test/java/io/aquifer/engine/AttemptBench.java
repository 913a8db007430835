package io.aquifer.engine;

import io.aquifer.api.graph.JobGraph;
import io.aquifer.memory.MemoryManager;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// One attempt of a real job, which the test starts and ends itself.
final class AttemptBench implements AutoCloseable {
    final JobRuntime runtime;
    final JobExecution execution;
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final FutureTask<Boolean> running;
    private final Thread thread;

    AttemptBench(JobGraph graph, MemoryManager manager) {
        runtime = JobRuntime.open(graph, manager, false);
        execution = runtime.attempt(failures::add);
        running = new FutureTask<>(execution::runSubtasks);
        thread = Thread.ofPlatform().unstarted(running);
    }

    AttemptBench start() {
        thread.start();
        return this;
    }

    /// Waits for something that another thread brings about; the test's timeout ends it.
    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while it waited");
            }
            Thread.yield();
        }
    }

    long completedCheckpoints() {
        return runtime.statistics().progress().completed();
    }

    /// Until checkpoints have completed that began after this call.
    void untilMoreCheckpoints() {
        long before = completedCheckpoints();
        until(() -> completedCheckpoints() >= before + 2);
    }

    /// Waits until all subtasks have ended.
    ///
    /// @return whether they have processed all their input
    boolean finished() throws Exception {
        boolean finished = running.get(50, TimeUnit.SECONDS);
        if (finished) {
            execution.commit();
        }
        return finished;
    }

    /// Ends what still runs.
    @Override
    public void close() {
        if (thread.isAlive()) {
            execution.cancelSubtasks();
            until(() -> !thread.isAlive());
        }
        List<String> leaks = execution.close();
        runtime.close();
        if (!leaks.isEmpty()) {
            throw new AssertionError("left behind: " + leaks);
        }
    }
}
