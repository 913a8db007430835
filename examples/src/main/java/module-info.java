import org.jspecify.annotations.NullMarked;

/// Jobs to read, run and copy.
@NullMarked
module io.aquifer.examples {
    requires static org.jspecify;
    requires io.aquifer.api;
    requires io.aquifer.connectors.files;

    exports io.aquifer.examples;

    // The serializers of the jobs' records are made at run time.
    opens io.aquifer.examples to
            io.aquifer.api;
}
