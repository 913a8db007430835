import org.jspecify.annotations.NullMarked;

/// What a job author imports: types, functions, sources and sinks. Builds the job graph, runs nothing.
@NullMarked
module io.aquifer.api {
    requires static org.jspecify;

    exports io.aquifer.api.connector;
    exports io.aquifer.api.types;
}
