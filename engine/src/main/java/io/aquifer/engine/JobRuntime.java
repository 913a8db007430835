package io.aquifer.engine;

import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.StateDirectory;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// What the attempts of one job share: its configuration, its state directory, its run. Used by one
/// thread at a time; figures by any.
final class JobRuntime implements AutoCloseable {
    private final JobGraph graph;
    private final MemoryManager manager;
    private final MemoryScope memory;
    private final JobConfiguration configuration;
    private final OperatorIds ids;
    private final @Nullable StateDirectory directory;
    private final String runId;
    private final CheckpointStatistics statistics;
    private final SourceThrottle throttle = new SourceThrottle();
    private final Spill spill;
    private final JobStart start;

    private JobRuntime(
            JobGraph graph,
            MemoryManager manager,
            JobConfiguration configuration,
            @Nullable StateDirectory directory) {
        this.graph = graph;
        this.manager = manager;
        this.configuration = configuration;
        this.statistics = new CheckpointStatistics(System::nanoTime, manager::checkpointCompleted);
        this.ids = new OperatorIds(graph);
        this.directory = directory;
        this.runId =
                directory == null
                        ? HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong())
                        : directory.runId();
        this.start = start(directory);
        latest().ifPresent(statistics::restored);
        this.spill = Spill.in(configuration.spill());
        this.memory = manager.openScope(graph.name(), configuration.priority());
        manager.addThrottle(throttle);
    }

    /// Takes the job's state directory, if it has one.
    ///
    /// @param afresh whether to begin a new run whatever the directory holds
    /// @throws RuntimeException when the configuration is wrong or the directory cannot be used
    static JobRuntime open(JobGraph graph, MemoryManager manager, boolean afresh) {
        JobConfiguration configuration = JobConfiguration.of(graph);
        Path path = configuration.stateDirectory();
        StateDirectory directory = null;
        if (path != null) {
            StateDirectory.Request request =
                    new StateDirectory.Request(
                            path,
                            graph.name(),
                            configuration.checkpoints().retained(),
                            configuration.force(),
                            configuration.fromCheckpoint());
            directory = afresh ? StateDirectory.openAfresh(request) : StateDirectory.open(request);
        }
        try {
            return new JobRuntime(graph, manager, configuration, directory);
        } catch (Throwable failed) {
            if (directory != null) {
                directory.close();
            }
            throw failed;
        }
    }

    private JobStart start(@Nullable StateDirectory found) {
        if (found == null) {
            return new JobStart(
                    JobStart.Kind.WITHOUT_STATE,
                    null,
                    0,
                    List.of(),
                    0,
                    configuration.checkpoints().interval(),
                    null);
        }
        JobStart.Kind kind =
                switch (found.found()) {
                    case NOTHING -> JobStart.Kind.FIRST;
                    case FINISHED_RUN -> JobStart.Kind.AFTER_FINISHED;
                    case NO_CHECKPOINT -> JobStart.Kind.BEGUN_AGAIN;
                    case CHECKPOINT -> JobStart.Kind.RESUMED;
                };
        Optional<CheckpointManifest> from = found.latest();
        return new JobStart(
                kind,
                found.path(),
                from.map(CheckpointManifest::id).orElse(0L),
                from.map(CheckpointManifest::positions).orElse(List.of()),
                from.map(CheckpointManifest::sourceRecords).orElse(0L),
                configuration.checkpoints().interval(),
                from.map(this::redone).orElse(null));
    }

    private @Nullable Duration redone(CheckpointManifest from) {
        if (configuration.fromCheckpoint() != 0) {
            return null;
        }
        if (from.kind() != CheckpointManifest.Kind.PERIODIC) {
            return Duration.ZERO;
        }
        // What was read while the next one was under way is lost with it.
        Duration interval = from.interval();
        boolean quick = from.took().multipliedBy(20).compareTo(interval) < 0;
        return quick ? interval : interval.plus(from.took());
    }

    private Optional<CheckpointManifest> latest() {
        StateDirectory from = directory;
        return from == null ? Optional.empty() : from.latest();
    }

    /// Prepares an attempt that goes on from the latest checkpoint.
    ///
    /// @param onFailure told the failures of its subtasks
    /// @throws RuntimeException when that fails; everything is given back then
    JobExecution attempt(Consumer<Throwable> onFailure) {
        StateDirectory from = directory;
        Optional<CheckpointManifest> latest = latest();
        RestorePoint restored =
                from == null || latest.isEmpty()
                        ? RestorePoint.nothing()
                        : RestorePoint.of(from, latest.get(), graph, ids);
        AttemptContext context =
                new AttemptContext(
                        graph.name(),
                        manager,
                        memory,
                        configuration.stateBackend(),
                        Clock.SYSTEM,
                        ids,
                        restored,
                        new SinkRun(graph.name(), runId, restored.checkpoint()),
                        from != null,
                        spill,
                        throttle);
        JobExecution execution = new JobExecution(graph, context, configuration, onFailure);
        try {
            execution.prepare(from, configuration.checkpoints(), statistics);
            return execution;
        } catch (Throwable failed) {
            execution.abandon();
            throw failed;
        }
    }

    JobConfiguration configuration() {
        return configuration;
    }

    @Nullable StateDirectory directory() {
        return directory;
    }

    CheckpointStatistics statistics() {
        return statistics;
    }

    /// Pauses the sources of all attempts.
    SourceThrottle throttle() {
        return throttle;
    }

    JobStart start() {
        return start;
    }

    /// Lets another job have the state directory, and gives back whatever the job still holds; what
    /// a thread that is stuck still uses goes to quarantine.
    @Override
    public void close() {
        manager.removeThrottle(throttle);
        memory.closeAndReport();
        spill.close();
        if (directory != null) {
            directory.close();
        }
    }
}
