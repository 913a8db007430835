import org.jspecify.annotations.NullMarked;

/// What the author of a job imports. Builds the job graph and runs nothing: an engine is found as a
/// service.
@NullMarked
module io.aquifer.api {
    requires static transitive org.jspecify;

    exports io.aquifer.api;
    exports io.aquifer.api.connector;
    exports io.aquifer.api.eventtime;
    exports io.aquifer.api.functions;
    exports io.aquifer.api.graph;
    exports io.aquifer.api.memory;
    exports io.aquifer.api.state;
    exports io.aquifer.api.types;
    exports io.aquifer.api.windowing;

    uses io.aquifer.api.graph.JobExecutor;
}
