package io.aquifer.engine;

/// Where a job stands.
public enum JobState {
    CREATED,
    RUNNING,
    FINISHED,
    FAILED,
    CANCELED;

    /// Whether the job has ended.
    public boolean isTerminal() {
        return this == FINISHED || this == FAILED || this == CANCELED;
    }
}
