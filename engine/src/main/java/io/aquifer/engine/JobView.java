package io.aquifer.engine;

/// A job as an observer sees it. Any thread.
public interface JobView {
    String name();

    JobProgress progress();

    /// How it began. Known when listeners are told of the job.
    JobStart start();

    /// Asks the job to end without a result; returns at once.
    void cancel();

    /// Asks the job to take a last checkpoint and stop, so that the next start goes on from there;
    /// returns at once. Without a state directory it is [#cancel].
    void stop();
}
