package io.aquifer.engine;

import io.aquifer.api.RestartStrategy;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.graph.JobSettings;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;

/// How a job runs: what its author has set, what the command line says, and the defaults. The
/// command line is heard first, except for the parallelism.
///
/// | System property                       | Set by                  | Stands for                     |
/// |---------------------------------------|-------------------------|--------------------------------|
/// | `aquifer.parallelism`                 | `--parallelism`         | parallelism where none is set  |
/// | `aquifer.state.dir`                   | `--state`               | the state backend's path       |
/// | `aquifer.checkpoint.interval.millis`  | `--checkpoint-interval` | the checkpoint interval        |
/// | `aquifer.state.checkpoint`            | `--from-checkpoint`     | the checkpoint to go on from   |
/// | `aquifer.state.force`                 | `--force`               | take a foreign state directory |
/// | `aquifer.spill.dir`                   | `--spill-dir`           | where what does not fit into memory goes, `java.io.tmpdir` by default |
/// | `aquifer.cancel.timeout.millis`       | -                       | the timeout below              |
///
/// @param stateDirectory null for a job that takes no checkpoints
/// @param fromCheckpoint 0 for the latest
/// @param priority which jobs must end first when memory is spent: those of the lowest
/// @param cancelTimeout how long a cancelled subtask may take to leave the user's code before it is
///   given up as stuck
/// @param spill where what does not fit into memory goes
record JobConfiguration(
        int parallelism,
        StateBackend stateBackend,
        @Nullable Path stateDirectory,
        CheckpointSettings checkpoints,
        long fromCheckpoint,
        boolean force,
        int priority,
        Duration cancelTimeout,
        RestartStrategy restartStrategy,
        Path spill) {
    /// @throws IllegalArgumentException when checkpoints were asked for and there is no path
    static JobConfiguration of(JobGraph graph) {
        JobSettings settings = graph.settings();
        StateBackend backend =
                settings.stateBackend() == null
                        ? new ManagedStateBackend()
                        : settings.stateBackend();
        String path = System.getProperty("aquifer.state.dir", backend.path());
        if (path == null && settings.checkpoints() != null) {
            throw new IllegalArgumentException(
                    "enableCheckpointing needs a directory for the checkpoints: add"
                        + " env.setStateBackend(new ManagedStateBackend(\"path/to/state\")), or run"
                        + " with --state DIR");
        }
        RestartStrategy restarts = settings.restartStrategy();
        return new JobConfiguration(
                parallelism(settings),
                backend,
                path == null ? null : Path.of(path),
                checkpoints(settings),
                Long.getLong("aquifer.state.checkpoint", 0),
                Boolean.getBoolean("aquifer.state.force"),
                settings.priority(),
                Duration.ofMillis(Long.getLong("aquifer.cancel.timeout.millis", 30_000)),
                restarts != null
                        ? restarts
                        : path == null
                                ? RestartStrategy.none()
                                : RestartStrategy.fixedDelay(3, Duration.ofSeconds(1)),
                spillDirectory());
    }

    /// The directory that the system property names.
    static Path spillDirectory() {
        return Path.of(
                System.getProperty("aquifer.spill.dir", System.getProperty("java.io.tmpdir")));
    }

    private static int parallelism(JobSettings settings) {
        return settings.parallelism() > 0
                ? settings.parallelism()
                : Integer.getInteger(
                        "aquifer.parallelism", Runtime.getRuntime().availableProcessors());
    }

    private static CheckpointSettings checkpoints(JobSettings settings) {
        CheckpointSettings set =
                settings.checkpoints() == null
                        ? CheckpointSettings.DEFAULT
                        : settings.checkpoints();
        Long millis = Long.getLong("aquifer.checkpoint.interval.millis");
        return millis == null
                ? set
                : new CheckpointSettings(Duration.ofMillis(millis), set.timeout(), set.retained());
    }
}
