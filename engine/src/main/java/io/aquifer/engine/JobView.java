package io.aquifer.engine;

/// A job as an observer sees it. Any thread.
public interface JobView {
    String name();

    JobProgress progress();

    /// Asks the job to stop; returns at once.
    void cancel();
}
