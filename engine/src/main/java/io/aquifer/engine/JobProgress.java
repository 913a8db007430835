package io.aquifer.engine;

import io.aquifer.memory.MemoryStatistics;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What a job has done so far, read while it runs: figures of different subtasks may be a moment
/// apart.
///
/// @param sourceRecords records read by all sources, of a resumed run since its beginning
/// @param rejects rejected input of all sources
/// @param rejectsByReason the same by reason, most frequent first
/// @param counters the functions' own counters by name
/// @param watermark the lowest watermark of all sinks, [Long#MIN_VALUE] before the first and
///   [Long#MAX_VALUE] at the end
/// @param restarts how often a failure was followed by another attempt
/// @param lastRestart the last such failure, null when there was none
public record JobProgress(
        String job,
        JobState state,
        Duration elapsed,
        long sourceRecords,
        long rejects,
        Map<String, Long> rejectsByReason,
        Map<String, Long> counters,
        long watermark,
        List<OperatorProgress> operators,
        CheckpointProgress checkpoints,
        int restarts,
        @Nullable String lastRestart,
        MemoryStatistics memory) {}
