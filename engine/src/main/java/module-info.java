import io.aquifer.api.graph.JobExecutor;
import io.aquifer.engine.EmbeddedExecutor;

import org.jspecify.annotations.NullMarked;

/// Runs jobs in this process: task manager, subtasks, the exchange between them, watermarks, timers
/// and state.
@NullMarked
@SuppressWarnings("requires-automatic") // Micrometer, for those who bring it
module io.aquifer.engine {
    requires static org.jspecify;
    requires static micrometer.core;
    requires transitive io.aquifer.api;
    requires transitive io.aquifer.memory;
    requires io.aquifer.operators;
    requires transitive io.aquifer.state;

    exports io.aquifer.engine;
    exports io.aquifer.engine.checkpoint;

    provides JobExecutor with
            EmbeddedExecutor;
}
