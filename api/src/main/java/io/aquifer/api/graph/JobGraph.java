package io.aquifer.api.graph;

import io.aquifer.api.state.StateBackend;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// A whole job, described: what an engine is given to run.
///
/// @param nodes in order of declaration, so inputs come before their receivers
/// @param memory the author's `setMemory`, or null
/// @param stateBackend null for the engine's default
/// @param parallelism 0 for the engine's default
public record JobGraph(
        String name,
        List<StreamNode> nodes,
        @Nullable String memory,
        @Nullable StateBackend stateBackend,
        int parallelism) {
    public JobGraph {
        nodes = List.copyOf(nodes);
    }
}
