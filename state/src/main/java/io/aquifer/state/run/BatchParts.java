package io.aquifer.state.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/// Looks a batch up in parts of equal size, on several threads.
final class BatchParts {
    private BatchParts() {}

    /// The calling thread does the first part, and then whatever nobody has begun; so it ends also
    /// where the executor does nothing.
    ///
    /// @param own the caller's
    /// @return what the other threads did
    static LookupCounts find(FindBatch batch, Run[] runs, Lookup own, Executor executor, int parts)
            throws IOException {
        int count = Math.clamp(batch.count(), 1, parts);
        List<Lookup> lookups = new ArrayList<>();
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            Lookup lookup = new Lookup();
            BatchPart part =
                    new BatchPart(
                            batch,
                            runs,
                            lookup,
                            place(batch, i, count),
                            place(batch, i + 1, count));
            lookups.add(lookup);
            tasks.add(
                    new FutureTask<>(
                            () -> {
                                part.find();
                                return null;
                            }));
        }
        for (FutureTask<Void> task : tasks) {
            start(executor, task);
        }
        try {
            new BatchPart(batch, runs, own, 0, place(batch, 1, count)).find();
        } finally {
            tasks.forEach(FutureTask::run);
            awaitAll(tasks);
        }
        for (FutureTask<Void> task : tasks) {
            rethrow(task);
        }
        LookupCounts counts = LookupCounts.NONE;
        for (Lookup lookup : lookups) {
            counts = counts.with(lookup);
        }
        return counts;
    }

    private static int place(FindBatch batch, int part, int parts) {
        return (int) ((long) batch.count() * part / parts);
    }

    private static void start(Executor executor, FutureTask<Void> task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException full) {
            // The calling thread does it.
        }
    }

    /// Waits for threads that use the pages of the runs: not even an interrupt ends that.
    private static void awaitAll(List<FutureTask<Void>> tasks) {
        boolean interrupted = false;
        for (FutureTask<Void> task : tasks) {
            while (task.state() == FutureTask.State.RUNNING) {
                try {
                    task.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException failed) {
                    break;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rethrow(FutureTask<Void> task) throws IOException {
        if (task.state() == FutureTask.State.FAILED) {
            Throwable failure = task.exceptionNow();
            switch (failure) {
                case IOException refused -> throw refused;
                case RuntimeException failed -> throw failed;
                case Error error -> throw error;
                default -> throw new IllegalStateException(failure);
            }
        }
    }
}
