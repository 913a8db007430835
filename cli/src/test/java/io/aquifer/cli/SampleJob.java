package io.aquifer.cli;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.JobState;
import io.aquifer.engine.JobView;
import io.aquifer.engine.OperatorProgress;
import io.aquifer.memory.ArbitrationStatistics;
import io.aquifer.memory.MemoryStatistics;
import io.aquifer.memory.PageMode;
import io.aquifer.memory.PoolStatistics;
import io.aquifer.memory.Pressure;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A job that does nothing but stand still and note what it was asked.
///
/// @param name what it is called
/// @param start how it began
/// @param progress where it stands
/// @param asked what it was asked to do, in order
record SampleJob(String name, JobStart start, JobProgress progress, List<String> asked)
        implements JobView {

    static SampleJob of(JobStart.Kind kind) {
        return new SampleJob(
                "flights", start(kind), progress(checkpoints(5, 0, null), 0), new ArrayList<>());
    }

    @Override
    public void cancel() {
        asked.add("cancel");
    }

    @Override
    public void stop() {
        asked.add("stop");
    }

    static JobStart start(JobStart.Kind kind) {
        boolean resumed = kind == JobStart.Kind.RESUMED;
        return new JobStart(
                kind,
                kind == JobStart.Kind.WITHOUT_STATE ? null : Path.of("my/state"),
                resumed ? 7 : 0,
                resumed ? List.of("row 1,203,114 of flights-3m.parquet") : List.of(),
                resumed ? 1_203_114 : 0,
                Duration.ofSeconds(10),
                resumed ? Duration.ofSeconds(10) : null);
    }

    static CheckpointProgress checkpoints(long completed, long failed, @Nullable String why) {
        return checkpoints(completed, failed, why, 12);
    }

    static CheckpointProgress checkpoints(
            long completed, long failed, @Nullable String why, long id) {
        return new CheckpointProgress(
                completed,
                failed,
                why,
                id,
                24 << 20,
                List.of("row 1,204,204 of flights-3m.parquet"),
                1_203_000,
                Duration.ofMillis(210),
                Duration.ofMillis(3_400));
    }

    static JobProgress progress(CheckpointProgress checkpoints, int restarts) {
        return progress(3_000_000, Duration.ofMillis(12_500), checkpoints, restarts);
    }

    static JobProgress progress(long rows, Duration elapsed) {
        return progress(rows, elapsed, CheckpointProgress.NONE, 1);
    }

    private static JobProgress progress(
            long rows, Duration elapsed, CheckpointProgress checkpoints, int restarts) {
        return new JobProgress(
                "flights",
                JobState.RUNNING,
                elapsed,
                rows,
                1_204,
                Map.of("no delay", 204L, "bad date", 1_000L),
                Map.of("duplicates", 24L),
                0,
                List.of(
                        new OperatorProgress("source", "Flights.java:20", 1, 0, 3_000_000, 0.3, 0),
                        new OperatorProgress(
                                "window[origin, 1h]",
                                "Flights.java:42",
                                2,
                                3_000_000,
                                100,
                                0.93,
                                1 << 20)),
                checkpoints,
                restarts,
                restarts == 0 ? null : "operator 'window' (Flights.java:42): broken",
                new MemoryStatistics(
                        0,
                        0,
                        Stream.of("managed", "managed-heap", "operation", "network")
                                .map(pool -> new PoolStatistics(pool, 0, 0, 0, 0))
                                .toList(),
                        0,
                        List.of(),
                        0,
                        List.of(),
                        PageMode.MAPPED,
                        Pressure.LOW,
                        new ArbitrationStatistics("elastic", 0, 0, false)));
    }
}
