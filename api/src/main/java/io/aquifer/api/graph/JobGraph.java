package io.aquifer.api.graph;

import java.util.List;

/// A whole job, described: what an engine is given to run.
///
/// @param nodes in order of declaration, so inputs come before their receivers
public record JobGraph(String name, List<StreamNode> nodes, JobSettings settings) {
    public JobGraph {
        nodes = List.copyOf(nodes);
    }
}
