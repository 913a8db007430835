package io.aquifer.api.connector;

/// The run of a job that a sink is opened for.
///
/// A run begins with empty output and ends when its input does. When it is interrupted, by a
/// failure or by the end of its process, it goes on in another attempt from a checkpoint, under the
/// same id.
///
/// @param runId letters and digits, different for every run
/// @param restoredCheckpoint the checkpoint this attempt goes on from, 0 for the run's beginning:
///   what was committed with a later one is written again
public record SinkRun(String jobName, String runId, long restoredCheckpoint) {}
