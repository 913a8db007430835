package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aquifer.api.JobClient;
import io.aquifer.api.RestartStrategy;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobState;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// What can happen to a job between two attempts.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class RestartTest {
    private static volatile @Nullable JobClient job;
    private static final AtomicInteger OPENED = new AtomicInteger();
    private static volatile CountDownLatch go = new CountDownLatch(1);

    /// When the sink asks for the job to be cancelled, or refuses.
    private enum At {
        ABORT,
        OPEN_AGAIN,
        REFUSES_TO_OPEN_AGAIN,
        NEVER
    }

    private record TestSink(At at) implements Sink<Long> {
        @Override
        public String name() {
            return "test";
        }

        @Override
        public SinkCommitter open(SinkRun run) throws IOException {
            if (OPENED.incrementAndGet() > 1) {
                cancelIf(At.OPEN_AGAIN);
                if (at == At.REFUSES_TO_OPEN_AGAIN) {
                    throw new IOException("no such directory");
                }
            }
            return new SinkCommitter() {
                @Override
                public void persist(java.util.List<String> committables) {}

                @Override
                public void commit(java.util.List<String> committables) {}

                @Override
                public void abort() {
                    cancelIf(At.ABORT);
                }

                @Override
                public void close() {}
            };
        }

        private void cancelIf(At now) {
            JobClient running = job;
            if (at == now && running != null) {
                running.cancel();
            }
        }

        @Override
        public SinkWriter<Long> createWriter(SinkContext context) {
            return new SinkWriter<>() {
                @Override
                public void write(Long value, long timestamp) {}

                @Override
                public void close() {}
            };
        }
    }

    @BeforeEach
    void prepare() {
        OPENED.set(0);
        go = new CountDownLatch(1);
    }

    private static JobClient start(RestartStrategy strategy, At at) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(1);
        env.setRestartStrategy(strategy);
        env.fromSequence(1, 10)
                .map(
                        value -> {
                            go.await();
                            if (value == 5) {
                                throw new IllegalStateException("always");
                            }
                            return value;
                        })
                .sinkTo(new TestSink(at));
        JobClient started = env.executeAsync("restarting");
        job = started;
        go.countDown();
        return started;
    }

    private static JobState end(JobClient started) {
        return catchThrowableOfType(JobExecutionException.class, started::getResult).state();
    }

    @Test
    void cancelledWhileTheFailedAttemptEnds_doesNotRestart() {
        assertThat(end(start(RestartStrategy.fixedDelay(5, Duration.ZERO), At.ABORT)))
                .isEqualTo(JobState.CANCELED);
        assertThat(OPENED).hasValue(1);
    }

    @Test
    void cancelledWhileTheNextAttemptIsPrepared_doesNotRunIt() {
        assertThat(end(start(RestartStrategy.fixedDelay(5, Duration.ZERO), At.OPEN_AGAIN)))
                .isEqualTo(JobState.CANCELED);
        assertThat(OPENED).hasValue(2);
    }

    @Test
    void cancelledBeforeAnEndlessDelayIsOver_ends() {
        JobClient started =
                start(RestartStrategy.fixedDelay(1, ChronoUnit.FOREVER.getDuration()), At.NEVER);
        JobView view = TaskManager.get().jobs().getFirst();
        while (view.progress().state() != JobState.RESTARTING) {
            Thread.onSpinWait();
        }
        started.cancel();
        assertThat(end(started)).isEqualTo(JobState.CANCELED);
    }

    @Test
    void attemptThatCannotBePrepared_isNoRunThatBeginsTheDelaysAnew() {
        RestartStrategy strategy =
                new RestartStrategy.ExponentialDelay(
                        Duration.ZERO, Duration.ZERO, 1, Duration.ofNanos(1), 3);
        assertThat(end(start(strategy, At.REFUSES_TO_OPEN_AGAIN))).isEqualTo(JobState.FAILED);
        assertThat(OPENED).hasValue(4);
    }
}
