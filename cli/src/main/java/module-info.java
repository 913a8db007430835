import org.jspecify.annotations.NullMarked;

/// The `aquifer` command: plans the process's memory, runs a job, shows what it does and what it
/// took.
@NullMarked
module io.aquifer.cli {
    requires static org.jspecify;
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires io.aquifer.engine;
    requires io.aquifer.memory;
    requires io.aquifer.state;
    requires java.management;
    requires jdk.management;
    requires jdk.unsupported;

    opens io.aquifer.cli to
            info.picocli;
}
