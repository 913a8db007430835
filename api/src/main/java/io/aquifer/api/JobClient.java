package io.aquifer.api;

/// A job that was started.
public interface JobClient {
    String getJobName();

    /// Asks the job to stop without a result; returns at once.
    void cancel();

    /// Asks the job to take a last checkpoint and stop, without ending its input: no window fires,
    /// and the job goes on from here when it is started again. Returns at once. Without a state
    /// path it is [#cancel].
    void stop();

    /// Waits for the job's end.
    ///
    /// @throws RuntimeException what the job failed with; its message names the operator and its
    ///   line
    /// @throws InterruptedException when the waiting thread is interrupted; the job goes on
    JobExecutionResult getResult() throws InterruptedException;
}
