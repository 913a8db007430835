package io.aquifer.engine;

import io.aquifer.api.JobClient;
import io.aquifer.api.graph.JobExecutor;
import io.aquifer.api.graph.JobGraph;

/// Runs jobs in this process; how the API finds the engine.
public final class EmbeddedExecutor implements JobExecutor {
    /// Called by the service loader.
    public EmbeddedExecutor() {}

    @Override
    public JobClient submit(JobGraph graph) {
        return TaskManager.get().start(graph);
    }
}
