package io.aquifer.api.graph;

import io.aquifer.api.RestartStrategy;
import io.aquifer.api.state.StateBackend;

import org.jspecify.annotations.Nullable;

/// What the author of a job has set for the job as a whole; null where nothing was set.
///
/// @param memory as given to `setMemory`
/// @param parallelism 0 when nothing was set
/// @param priority 0 when nothing was set
public record JobSettings(
        @Nullable String memory,
        @Nullable StateBackend stateBackend,
        int parallelism,
        int priority,
        @Nullable CheckpointSettings checkpoints,
        @Nullable RestartStrategy restartStrategy) {}
