package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemoryStatistics;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Jobs that end at any stage of their life, over and over: finished, cancelled, failed in `open`,
/// in the middle of a record, in `close`. Afterwards everything is where it was.
///
/// Goal: ledger, page memory, file descriptors and threads are back at the baseline. Method: every
/// job's end comes from one seed. `-Daquifer.test.tasks=10000` is the long form,
/// `-Daquifer.test.seed` replays one.
@ExtendWith(LeakGuard.class)
@Timeout(value = 2, unit = TimeUnit.HOURS)
class TaskChurnTest {
    private static final int TASKS = Integer.getInteger("aquifer.test.tasks", 300);
    private static final int TASKS_PER_JOB = 3;
    private static final int WARM_UP_JOBS = 10;

    private enum End {
        FINISHED,
        CANCELED,
        FAILS_IN_OPEN,
        FAILS_IN_RECORD,
        FAILS_IN_CLOSE
    }

    private static final class Counting extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;
        private final End end;
        private final long failAt;
        private transient ValueState<Long> count;
        private transient long seen;

        Counting(End end, long failAt) {
            this.end = end;
            this.failAt = failAt;
        }

        @Override
        public void open() {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
            getRuntimeContext().getManagedMemory().pages("raw").allocate();
            failIf(End.FAILS_IN_OPEN);
        }

        @Override
        public void processElement(Long value, Context<Long> context, Collector<Long> out) {
            Long before = count.value();
            count.update(before == null ? 1 : before + 1);
            if (++seen == failAt) {
                failIf(End.FAILS_IN_RECORD);
            }
            out.collect(value);
        }

        @Override
        public void close() {
            failIf(End.FAILS_IN_CLOSE);
        }

        private void failIf(End here) {
            if (end == here) {
                throw new IllegalStateException("as planned");
            }
        }
    }

    private static void runOne(SplittableRandom random, int number) throws Exception {
        End end = End.values()[random.nextInt(End.values().length)];
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setStateBackend(
                random.nextBoolean() ? new ManagedStateBackend() : new HashMapStateBackend());
        env.setParallelism(2);
        long records = end == End.CANCELED ? Long.MAX_VALUE / 2 : 1 + random.nextLong(20_000);
        env.fromSequence(1, records)
                .setParallelism(1)
                .keyBy(value -> value % 1_000)
                .process(new Counting(end, 1 + random.nextLong(5_000)))
                .returns(Long.class)
                .collect(value -> {});
        JobClient job = env.executeAsync("churn " + number);
        if (end == End.CANCELED) {
            for (int i = random.nextInt(2_000); i > 0; i--) {
                Thread.yield();
            }
            job.cancel();
        }
        try {
            job.getResult();
        } catch (JobExecutionException asPlanned) {
            assertThat(end).isNotEqualTo(End.FINISHED);
        }
    }

    private static long descriptors() throws IOException {
        Path folder = Path.of("/proc/self/fd");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> open = Files.list(folder)) {
            return open.count();
        }
    }

    private static long jobThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("churn"))
                .count();
    }

    @Test
    void jobs_endedAtEveryStage_leaveNothing() throws Exception {
        long seed = Long.getLong("aquifer.test.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int jobs = Math.max(WARM_UP_JOBS + 1, TASKS / TASKS_PER_JOB);
        long descriptors = 0;
        for (int i = 0; i < jobs; i++) {
            runOne(random, i);
            MemoryStatistics now = TaskManager.get().memoryStatistics().orElseThrow();
            assertThat(now.heldBytes()).as("seed %d, job %d", seed, i).isZero();
            assertThat(now.quarantineBytes()).as("seed %d, job %d", seed, i).isZero();
            if (i == WARM_UP_JOBS) {
                descriptors = descriptors();
            }
        }
        while (jobThreads() > 0
                || TaskManager.get().memoryStatistics().orElseThrow().pageBytesResident() > 0) {
            Thread.yield(); // the purger's decay
        }
        assertThat(descriptors()).isLessThanOrEqualTo(descriptors);
        MemoryStatistics last = TaskManager.get().memoryStatistics().orElseThrow();
        assertThat(last.totalBytes()).isEqualTo(32L << 20);
        assertThat(last.arbitration().waiting()).isZero();
    }
}
