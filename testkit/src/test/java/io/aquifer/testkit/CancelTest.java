package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobState;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.concurrent.CountDownLatch;

/// Cancelling a job wherever its threads are.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class CancelTest {
    private static volatile CountDownLatch entered = new CountDownLatch(1);
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private final StreamExecutionEnvironment env =
            StreamExecutionEnvironment.getExecutionEnvironment();

    @BeforeEach
    void prepare() {
        entered = new CountDownLatch(1);
        env.setMemory("32");
        env.setParallelism(2);
    }

    private void cancelOnceEntered() throws InterruptedException {
        FaultySink<Long> second = new FaultySink<>("out", FaultySink.Fault.NONE);
        env.fromSequence(1, 10).sinkTo(second);
        JobClient job = env.executeAsync("cancelled");
        entered.await();
        job.cancel();
        job.cancel();
        JobExecutionException thrown =
                catchThrowableOfType(JobExecutionException.class, job::getResult);
        assertThat(thrown).hasMessage("job 'cancelled' was cancelled");
        assertThat(thrown.state()).isEqualTo(JobState.CANCELED);
        assertThat(second.aborted).hasValue(1);
        assertThat(second.committed).isEmpty();
        assertThat(second.openWriters).hasValue(0);
        job.cancel();
        assertThat(TaskManager.get().jobs()).isEmpty();
    }

    @Test
    void functionThatComputesUntilInterrupted_ends() throws Exception {
        env.fromSequence(1, 10)
                .map(
                        value -> {
                            entered.countDown();
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                            return value;
                        })
                .collect(value -> {});
        cancelOnceEntered();
    }

    @Test
    void functionThatIsBlocked_isInterrupted() throws Exception {
        env.fromSequence(1, 10)
                .keyBy(value -> value)
                .reduce(Long::sum)
                .map(
                        value -> {
                            entered.countDown();
                            NEVER.await();
                            return value;
                        })
                .collect(value -> {});
        cancelOnceEntered();
    }

    @Test
    void functionThatSwallowsTheFirstInterrupt_isInterruptedAgain() throws Exception {
        env.fromSequence(1, 10)
                .map(
                        value -> {
                            entered.countDown();
                            for (int i = 0; i < 3; ) {
                                try {
                                    NEVER.await();
                                } catch (InterruptedException swallowed) {
                                    i++;
                                }
                            }
                            return value;
                        })
                .collect(value -> {});
        cancelOnceEntered();
    }

    @Test
    void sourceThatWaitsForRoom_ends() throws Exception {
        env.fromSequence(1, 1_000_000_000)
                .collect(
                        value -> {
                            entered.countDown();
                            try {
                                NEVER.await();
                            } catch (InterruptedException interrupted) {
                                throw new IllegalStateException("interrupted", interrupted);
                            }
                        });
        cancelOnceEntered();
    }

    @Test
    void jobInFullSwing_ends() throws Exception {
        env.fromSequence(1, 1_000_000_000)
                .keyBy(value -> value % 100)
                .reduce(Long::sum)
                .collect(
                        value -> {
                            if (value > 100_000) {
                                entered.countDown();
                            }
                        });
        cancelOnceEntered();
    }

    @Test
    void job_cancelledByAListenerAtItsStart_ends() {
        JobListener canceling =
                new JobListener() {
                    @Override
                    public void jobStarted(JobView job) {
                        job.cancel();
                    }
                };
        TaskManager.get().addListener(canceling);
        try {
            env.fromSequence(1, 1_000_000_000).rebalance().collect(value -> {});
            JobExecutionException thrown =
                    catchThrowableOfType(JobExecutionException.class, () -> env.execute("at once"));
            assertThat(thrown.state()).isEqualTo(JobState.CANCELED);
        } finally {
            TaskManager.get().removeListener(canceling);
        }
    }

    @Test
    void listener_thatFailsAtTheStart_leavesNothingOfTheJob() {
        JobListener failing =
                new JobListener() {
                    @Override
                    public void jobStarted(JobView job) {
                        throw new IllegalStateException("no listener today");
                    }
                };
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        TaskManager.get().addListener(failing);
        try {
            env.fromSequence(1, 1_000).rebalance().sinkTo(sink);
            JobExecutionException thrown =
                    catchThrowableOfType(
                            JobExecutionException.class, () -> env.execute("not started"));
            assertThat(thrown)
                    .hasMessage(
                            "job 'not started' did not start: IllegalStateException: no listener"
                                    + " today");
            assertThat(sink.aborted).hasValue(1);
        } finally {
            TaskManager.get().removeListener(failing);
        }
    }

    @Test
    void waitingThread_interruptedInExecute_cancelsTheJob() throws Exception {
        env.fromSequence(1, 1_000_000_000).rebalance().collect(value -> entered.countDown());
        Throwable[] thrown = new Throwable[1];
        Thread waiting =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        env.execute("interrupted");
                                    } catch (InterruptedException interrupted) {
                                        thrown[0] = interrupted;
                                    }
                                });
        entered.await();
        waiting.interrupt();
        waiting.join();
        assertThat(thrown[0]).isInstanceOf(InterruptedException.class);
    }
}
