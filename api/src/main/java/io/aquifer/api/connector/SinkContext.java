package io.aquifer.api.connector;

/// Which of the sink's writers this is.
///
/// @param jobName the job's name
/// @param subtaskIndex from 0
/// @param parallelism how many writers there are
public record SinkContext(String jobName, int subtaskIndex, int parallelism) {}
