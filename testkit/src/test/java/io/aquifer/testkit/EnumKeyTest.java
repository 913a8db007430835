package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobState;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// Keys with an enum in them, whose hash codes another process gives other values.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class EnumKeyTest {
    private static final long RECORDS = 20_000;
    private static final int NUMBERS = 50;

    private static final AtomicLong SEEN = new AtomicLong();
    private static volatile long stopAt;
    private static volatile @Nullable JobClient job;

    /// What an enum's `hashCode` has of its process.
    private static volatile int process;

    /// A key's first part.
    public enum Colour {
        RED,
        GREEN,
        BLUE
    }

    /// A key that stands for any with an enum in it.
    public record Key(Colour colour, long number) {
        @Override
        public int hashCode() {
            return Objects.hash(colour.ordinal() * 31 + process, number);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.colour == colour && key.number == number;
        }
    }

    /// How often a key was seen.
    public record Count(Key key, long count) {}

    private JobState run(Path state, String name, int parallelism) throws InterruptedException {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.setParallelism(parallelism);
        env.setStateBackend(new ManagedStateBackend(state.toString()));
        env.fromSource(
                        new InterleavedSource(RECORDS, 4).atRate(RECORDS),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .map(
                        value -> {
                            if (SEEN.incrementAndGet() == stopAt) {
                                JobClient running;
                                while ((running = job) == null) {
                                    Thread.onSpinWait();
                                }
                                running.stop();
                            }
                            return new Count(
                                    new Key(Colour.values()[(int) (value % 3)], value % NUMBERS),
                                    1);
                        })
                .keyBy(Count::key)
                .reduce((a, b) -> new Count(a.key(), a.count() + b.count()))
                .map(count -> count.key() + " " + count.count())
                .sinkTo(new DurableSink(name));
        job = null;
        SEEN.set(0);
        JobClient started = env.executeAsync(name);
        job = started;
        try {
            started.getResult();
            return JobState.FINISHED;
        } catch (JobExecutionException ended) {
            return ended.state();
        }
    }

    @Test
    void resumedWhereHashCodesAreOthers_countsOn(@TempDir Path directory) throws Exception {
        Path state = directory.resolve("state");
        process = 0;
        stopAt = RECORDS / 10;
        assertThat(run(state, "enum keys", 3)).isEqualTo(JobState.STOPPED);
        process = 12345;
        stopAt = RECORDS / 10;
        assertThat(run(state, "enum keys", 3)).isEqualTo(JobState.STOPPED);
        process = -77;
        stopAt = -1;
        assertThat(run(state, "enum keys", 2)).isEqualTo(JobState.FINISHED);
        List<String> expected = new ArrayList<>();
        Map<String, Integer> counts = new HashMap<>();
        for (long value = 0; value < RECORDS; value++) {
            if (value % 97 != 96) {
                Key key = new Key(Colour.values()[(int) (value % 3)], value % NUMBERS);
                expected.add(key + " " + counts.merge(key.toString(), 1, Integer::sum));
            }
        }
        assertThat(new DurableSink("enum keys").records())
                .containsExactlyInAnyOrderElementsOf(expected);
    }
}
