package io.aquifer.engine;

/// Told when jobs of this process start and end. Called by the job's own threads; must return soon.
public interface JobListener {
    default void jobStarted(JobView job) {}

    default void jobFinished(JobReport report) {}
}
