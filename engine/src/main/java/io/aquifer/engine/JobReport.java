package io.aquifer.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a job ended.
///
/// @param last its progress at the end
/// @param failure why it failed, null unless it failed
/// @param leaks memory that a task had not given back at its end, each with owner and bytes; it was taken back
public record JobReport(JobProgress last, JobState state, @Nullable Throwable failure, List<String> leaks) {}
