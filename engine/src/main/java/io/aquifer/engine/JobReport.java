package io.aquifer.engine;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// How a job ended.
///
/// @param last its progress at the end
/// @param failure why it failed, or failed while it was asked to stop, else null
/// @param leaks memory that a task had not given back at its end, each with owner and bytes; it was
///   taken back
public record JobReport(
        JobProgress last, JobState state, @Nullable Throwable failure, List<String> leaks) {}
