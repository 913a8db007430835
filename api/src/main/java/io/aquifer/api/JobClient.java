package io.aquifer.api;

/// A job that was started.
public interface JobClient {
    String getJobName();

    /// Asks the job to stop without a result; returns at once.
    void cancel();

    /// Waits for the job's end.
    ///
    /// @throws RuntimeException what the job failed with; its message names the operator and its
    ///   line
    /// @throws InterruptedException when the waiting thread is interrupted; the job goes on
    JobExecutionResult getResult() throws InterruptedException;
}
