package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemoryStatistics;
import io.aquifer.memory.QuarantineStatistics;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// A task that does not end when it is cancelled: the job ends without it, what it holds is kept
/// apart and named, and comes back when it does end. It leaves something behind on purpose, so no
/// [LeakGuard] looks.
@Timeout(60)
class StuckTaskTest {
    private static volatile CountDownLatch entered = new CountDownLatch(1);
    private static volatile CountDownLatch released = new CountDownLatch(1);
    private static volatile @Nullable Thread late;

    private final List<String> leaks = new ArrayList<>();
    private final JobListener listener =
            new JobListener() {
                @Override
                public void jobStarted(JobView job) {}

                @Override
                public void jobFinished(JobReport report) {
                    leaks.addAll(report.leaks());
                }
            };

    @BeforeEach
    void prepare() {
        entered = new CountDownLatch(1);
        released = new CountDownLatch(1);
        System.setProperty("aquifer.cancel.timeout.millis", "300");
        TaskManager.get().addListener(listener);
    }

    @AfterEach
    void clear() {
        released.countDown();
        System.clearProperty("aquifer.cancel.timeout.millis");
        TaskManager.get().removeListener(listener);
    }

    /// Does not end when it is told to.
    private static final class Stuck extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context<Long> context, Collector<Long> out) {
            getRuntimeContext().getManagedMemory().pages("raw").allocate();
            late = Thread.currentThread();
            entered.countDown();
            while (released.getCount() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void taskThatDoesNotEnd_itsMemoryIsQuarantinedAndNamedUntilItDoes() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(1);
        env.fromSequence(1, 1)
                .keyBy(value -> value)
                .process(new Stuck())
                .returns(Long.class)
                .collect(value -> {});
        JobClient job = env.executeAsync("stuck");
        entered.await();
        job.cancel();
        JobExecutionException thrown =
                catchThrowableOfType(JobExecutionException.class, job::getResult);

        assertThat(thrown).hasMessage("job 'stuck' was cancelled");
        assertThat(leaks)
                .containsExactly(
                        "thread 'stuck / keyed process (1/1)' has not ended 300 ms after its job"
                            + " was cancelled; its views of memory are revoked, and what it holds"
                            + " stays charged in quarantine until it does");
        MemoryStatistics now = TaskManager.get().memoryStatistics().orElseThrow();
        assertThat(now.heldBytes()).isZero();
        assertThat(now.quarantineBytes()).isPositive();
        assertThat(now.quarantine())
                .extracting(QuarantineStatistics::threads)
                .allSatisfy(
                        threads -> assertThat(threads).allMatch(name -> name.contains("stuck")));
        assertThat(now.quarantine())
                .extracting(QuarantineStatistics::owner)
                .anyMatch(owner -> owner.startsWith("stuck / "));

        released.countDown();
        Thread thread = late;
        assertThat(thread).isNotNull();
        thread.join();
        // It had a view, whose page rests for a moment.
        while (TaskManager.get().memoryStatistics().orElseThrow().quarantineBytes() > 0) {
            Thread.yield();
        }
    }
}
