package io.aquifer.benchmarks.memory;

import org.jspecify.annotations.Nullable;

/// A thread of a measurement. What it fails with comes out of [#end], so that no measurement goes
/// on without one of its threads unnoticed.
final class Worker {
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private Worker(String name, Body body) {
        thread =
                Thread.ofPlatform()
                        .daemon()
                        .name(name)
                        .start(
                                () -> {
                                    try {
                                        body.run();
                                    } catch (Exception | Error failed) {
                                        failure = failed;
                                    }
                                });
    }

    static Worker start(String name, Body body) {
        return new Worker(name, body);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /// Waits for its end, but not longer than `millis`.
    void await(long millis) throws InterruptedException {
        thread.join(millis);
    }

    /// Waits for its end.
    ///
    /// @throws IllegalStateException if it failed, or if the waiting thread is interrupted
    void end() {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "interrupted while waiting for '" + thread.getName() + "'", interrupted);
        }
        Throwable failed = failure;
        if (failed != null) {
            throw new IllegalStateException("'" + thread.getName() + "' failed", failed);
        }
    }

    /// What the thread does.
    interface Body {
        void run() throws Exception;
    }
}
