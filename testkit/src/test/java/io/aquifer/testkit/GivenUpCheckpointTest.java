package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.RestartStrategy;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// A checkpoint whose barrier one source sends and another one does not, because it waits for its
/// data until the checkpoint has been given up and the next one is under way.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class GivenUpCheckpointTest {
    private static final int BEFORE = 10;
    private static final int RECORDS = 100;

    private static volatile @Nullable JobView job;
    private static volatile Path state = Path.of("");
    private static volatile boolean waitsForLast;
    private static final AtomicBoolean FAILED = new AtomicBoolean();
    private static final AtomicBoolean LAST_SEEN = new AtomicBoolean();

    @TempDir Path directory;

    private final JobListener listener =
            new JobListener() {
                @Override
                public void jobStarted(JobView started) {
                    job = started;
                }
            };

    @BeforeEach
    void prepare() {
        TaskManager.get().addListener(listener);
        job = null;
        FAILED.set(false);
        LAST_SEEN.set(false);
        state = directory.resolve("state");
    }

    @AfterEach
    void endListening() {
        TaskManager.get().removeListener(listener);
    }

    private static CheckpointProgress checkpoints() {
        JobView running;
        while ((running = job) == null) {
            Thread.onSpinWait();
        }
        return running.progress().checkpoints();
    }

    /// Whether the checkpoint behind the first that failed has begun.
    private static boolean nextHasBegun() {
        if (checkpoints().failed() == 0) {
            return false;
        }
        try (Stream<Path> files = Files.list(state)) {
            return files.anyMatch(file -> file.endsWith("chk-000002"));
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    /// The numbers from 0, ten at a time.
    ///
    /// @param prompt answers the first barrier behind ten numbers and then gives the others; else
    ///   it waits in `read` instead, and fails behind the first complete checkpoint
    private record Numbers(boolean prompt) implements Source<String> {
        @Override
        public String name() {
            return prompt ? "prompt" : "waiting";
        }

        @Override
        public TypeInformation<String> producedType() {
            return TypeInformation.of(String.class);
        }

        @Override
        public List<SourceSplit> splits() {
            return List.of(new SourceSplit("numbers", 0, RECORDS));
        }

        @Override
        public SourceReader<String> createReader(SourceSplit split, long position) {
            return new SourceReader<>() {
                private long next = position;
                private boolean asked;

                @Override
                public boolean read(SourceOutput<String> output, int most) {
                    if (next == BEFORE && !FAILED.get() && !mayPass()) {
                        return true;
                    }
                    if (next == RECORDS) {
                        return false;
                    }
                    for (int i = 0; i < BEFORE; i++) {
                        output.collect(name() + " " + next++);
                    }
                    return true;
                }

                private boolean mayPass() {
                    if (prompt) {
                        return asked;
                    }
                    while (!nextHasBegun() || waitsForLast && !LAST_SEEN.get()) {
                        if (Thread.currentThread().isInterrupted()) {
                            return true;
                        }
                    }
                    if (checkpoints().completed() == 0) {
                        return false;
                    }
                    FAILED.set(true);
                    throw new IllegalStateException("once");
                }

                @Override
                public long position() {
                    asked = true;
                    return next;
                }

                @Override
                public void close() {}
            };
        }
    }

    private void run(String name) throws InterruptedException {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.setParallelism(1);
        env.setStateBackend(new ManagedStateBackend(state.toString()));
        env.setCheckpoints(
                new CheckpointSettings(Duration.ofMillis(20), Duration.ofMillis(200), 3));
        env.setRestartStrategy(RestartStrategy.fixedDelay(1, Duration.ZERO));
        var prompt = env.fromSource(new Numbers(true), WatermarkStrategy.noWatermarks(), "prompt");
        var waiting =
                env.fromSource(new Numbers(false), WatermarkStrategy.noWatermarks(), "waiting");
        prompt.union(waiting)
                .map(
                        value -> {
                            if (value.equals("prompt " + (RECORDS - 1))) {
                                LAST_SEEN.set(true);
                            }
                            return value;
                        })
                .sinkTo(new DurableSink(name));
        env.execute(name);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            expected.add("prompt " + i);
            expected.add("waiting " + i);
        }
        assertThat(FAILED).isTrue();
        assertThat(new DurableSink(name).records()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void barrierThatASourceSkipped_isNotTakenForTheNext() throws Exception {
        waitsForLast = false;
        run("skipped");
    }

    @Test
    void inputHeldBackForTheBarrier_goesOnOnceTheCheckpointIsGivenUp() throws Exception {
        waitsForLast = true;
        run("held back");
    }
}
