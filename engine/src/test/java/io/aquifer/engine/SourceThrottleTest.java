package io.aquifer.engine;

import static io.aquifer.engine.AttemptBench.until;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.graph.JobGraph;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.memory.MemoryManager;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A real job whose source is paused: it reads nothing, and answers all else.
@Timeout(60)
class SourceThrottleTest {
    @TempDir Path directory;

    private final MemoryManager manager = MemoryManager.create(MemoryBudget.forJob("32"));
    private final GatedSource source = new GatedSource();
    private final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        assertThat(manager.network().heldBytes()).isZero();
        manager.close();
    }

    private JobGraph graph() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.setStateBackend(new ManagedStateBackend(directory.resolve("state").toString()));
        env.setCheckpoints(new CheckpointSettings(Duration.ofMillis(2), Duration.ofMinutes(1), 2));
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "texts")
                .rebalance()
                .map(text -> text)
                .collect(seen::add);
        return env.graph("throttled");
    }

    private static List<String> texts(long count) {
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            texts.add(GatedSource.text(i));
        }
        return texts;
    }

    @Test
    void pausedSource_readsNothing_takesCheckpoints_andGoesOnWithEveryRecord() throws Exception {
        try (AttemptBench job = new AttemptBench(graph(), manager)) {
            SourceThrottle throttle = job.runtime.throttle();
            throttle.pause();
            source.limit = 1_000;
            job.start();
            job.untilMoreCheckpoints();
            assertThat(source.read).hasValue(0);

            throttle.resume();
            until(() -> source.read.get() == 1_000);
            throttle.pause();
            throttle.pause();
            assertThat(throttle.isPaused()).isTrue();
            // The first that began after the pause: the batch under way has ended by then.
            job.untilMoreCheckpoints();
            source.limit = 2_000;
            job.untilMoreCheckpoints();
            assertThat(source.read).hasValue(1_000);
            assertThat(job.runtime.statistics().progress().lastSourceRecords()).isEqualTo(1_000);
            until(() -> seen.size() == 1_000);

            throttle.resume();
            until(() -> source.read.get() == 2_000);
            source.endAt(3_000);
            assertThat(job.finished()).isTrue();
            assertThat(seen).containsExactlyInAnyOrderElementsOf(texts(3_000));
            assertThat(job.failures).isEmpty();
        }
    }

    @Test
    void pausedSource_canBeStopped_andItsJobGoesOnLater() throws Exception {
        source.limit = 500;
        try (AttemptBench job = new AttemptBench(graph(), manager).start()) {
            until(() -> source.read.get() == 500);
            job.runtime.throttle().pause();
            source.limit = 1_000;
            job.execution.stopSubtasks();
            assertThat(job.finished()).as("stopped, not finished").isFalse();
            assertThat(job.failures).isEmpty();
        }
        long read = source.read.get();
        assertThat(seen).containsExactlyInAnyOrderElementsOf(texts(read));
        source.endAt(1_200);
        try (AttemptBench job = new AttemptBench(graph(), manager).start()) {
            assertThat(job.finished()).isTrue();
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(texts(1_200));
    }

    @Test
    void pausedSource_canBeCanceled() throws Exception {
        source.limit = 500;
        try (AttemptBench job = new AttemptBench(graph(), manager)) {
            job.runtime.throttle().pause();
            job.start().untilMoreCheckpoints();
            job.execution.cancelSubtasks();
            assertThat(job.finished()).isFalse();
            assertThat(job.failures).isNotEmpty().allMatch(CanceledException.class::isInstance);
        }
        assertThat(source.read).hasValue(0);
    }
}
