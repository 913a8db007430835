package io.aquifer.engine;

/// Where a job stands.
public enum JobState {
    CREATED,
    RUNNING,
    /// Between a failure and the next attempt.
    RESTARTING,
    /// It took a last checkpoint and can be resumed.
    STOPPED,
    FINISHED,
    FAILED,
    CANCELED;

    /// Whether the job has ended.
    public boolean isTerminal() {
        return this == STOPPED || this == FINISHED || this == FAILED || this == CANCELED;
    }
}
