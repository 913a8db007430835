package io.aquifer.api.graph;

import io.aquifer.api.JobClient;

/// An engine that runs job graphs, found as a service. Safe for use by several threads.
public interface JobExecutor {
    /// Starts the job and returns; what is wrong with the graph or its configuration is thrown
    /// here.
    JobClient submit(JobGraph graph);
}
