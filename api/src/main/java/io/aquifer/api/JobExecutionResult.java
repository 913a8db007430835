package io.aquifer.api;

import java.time.Duration;
import java.util.Map;

/// What a finished job did.
///
/// @param sourceRecords records read by all sources
/// @param rejects rejected input by reason
/// @param counters the functions' own counters by name
public record JobExecutionResult(
        String jobName,
        Duration netRuntime,
        long sourceRecords,
        Map<String, Long> rejects,
        Map<String, Long> counters) {}
