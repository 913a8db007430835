package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aquifer.api.JobClient;
import io.aquifer.api.RestartStrategy;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.JobState;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// What a second start finds: when it goes on, when it begins anew, and when it refuses and why.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class ResumeTest {
    private static final long RECORDS = 2_000;
    private static final AtomicInteger ATTEMPTS = new AtomicInteger();
    private static volatile CountDownLatch reached = new CountDownLatch(1);
    private static volatile boolean slow;

    @TempDir Path directory;

    private final List<JobStart> starts = new ArrayList<>();
    private final JobListener listener =
            new JobListener() {
                @Override
                public void jobStarted(JobView job) {
                    starts.add(job.start());
                }
            };

    @BeforeEach
    void prepare() {
        reached = new CountDownLatch(1);
        ATTEMPTS.set(0);
        slow = true;
        TaskManager.get().addListener(listener);
    }

    @AfterEach
    void endListening() {
        TaskManager.get().removeListener(listener);
    }

    /// Remembers the last value of each key.
    private static final class Last<V> extends KeyedProcessFunction<Long, Long, String> {
        private static final long serialVersionUID = 1L;

        private final TypeInformation<V> type;
        private transient ValueState<V> last;

        Last(TypeInformation<V> type) {
            this.type = type;
        }

        @Override
        public void open() {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", type));
        }

        @Override
        @SuppressWarnings("unchecked")
        public void processElement(Long value, Context<Long> context, Collector<String> out) {
            last.update((V) (type.rawClass() == Long.class ? value : String.valueOf(value)));
            if (value > RECORDS / 2) {
                reached.countDown();
            }
            out.collect(String.valueOf(value));
        }
    }

    private StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.setParallelism(2);
        env.setStateBackend(new ManagedStateBackend(directory.resolve("state").toString()));
        return env;
    }

    private StreamExecutionEnvironment job(String sink, TypeInformation<?> type, long records) {
        StreamExecutionEnvironment env = environment();
        env.fromSource(
                        new InterleavedSource(records, 2).atRate(slow ? 2_000 : 10_000_000),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .keyBy(value -> value % 10, TypeInformation.of(Long.class))
                .process(new Last<>(type))
                .returns(String.class)
                .sinkTo(new DurableSink(directory + sink));
        return env;
    }

    private StreamExecutionEnvironment job() {
        return job("out", TypeInformation.of(Long.class), RECORDS);
    }

    /// Starts the job and stops it in the middle.
    private void stopInTheMiddle() throws InterruptedException {
        JobClient client = job().executeAsync("resumed");
        reached.await();
        client.stop();
        client.stop();
        JobExecutionException stopped =
                catchThrowableOfType(JobExecutionException.class, client::getResult);
        assertThat(stopped)
                .hasMessageMatching(
                        "job 'resumed' was stopped with checkpoint \\d+; it goes on from there when"
                                + " it is started again");
        assertThat(stopped.state()).isEqualTo(JobState.STOPPED);
        slow = false;
    }

    @Test
    void stoppedJob_goesOnWhereItWas_andCountsTheWholeRun() throws Exception {
        stopInTheMiddle();
        var result = job().execute("resumed");
        assertThat(result.sourceRecords()).isEqualTo(RECORDS - RECORDS / 97);
        assertThat(result.rejects()).containsOnlyKeys("unlucky");
        assertThat(result.rejects()).containsEntry("unlucky", RECORDS / 97);
        assertThat(new DurableSink(directory + "out").records())
                .hasSize((int) (RECORDS - RECORDS / 97))
                .doesNotHaveDuplicates();
        assertThat(starts)
                .extracting(JobStart::kind)
                .containsExactly(JobStart.Kind.FIRST, JobStart.Kind.RESUMED);
        JobStart second = starts.getLast();
        assertThat(second.sourceRecords()).isBetween(RECORDS / 2 - 100, RECORDS - 1);
        assertThat(second.positions())
                .hasSize(2)
                .allMatch(text -> text.matches("position \\d+ of [01]"));
        assertThat(second.redone()).isEqualTo(Duration.ZERO);
        job().execute("resumed");
        assertThat(starts.getLast().kind()).isEqualTo(JobStart.Kind.AFTER_FINISHED);
        assertThat(new DurableSink(directory + "out").records())
                .as("a finished run's output is replaced")
                .hasSize((int) (RECORDS - RECORDS / 97));
    }

    @Test
    void stateOfAnotherType_isRefusedWithBothTypes() throws Exception {
        stopInTheMiddle();
        assertThatThrownBy(
                        () ->
                                job("out", TypeInformation.of(String.class), RECORDS)
                                        .execute("resumed"))
                .as("another attempt would find the same")
                .hasMessageNotContaining("restart")
                .hasMessageContaining("/2: state 'last' of 'keyed process' (ResumeTest.java:")
                .hasMessageContaining(
                        "was saved as [java.lang.Long] and is [java.lang.String] now. Give the new"
                                + " state another name, or go back to the old type");
    }

    @Test
    void otherInput_isRefusedWithTheDifference_andForceBeginsAfresh() throws Exception {
        stopInTheMiddle();
        assertThatThrownBy(
                        () ->
                                job("out", TypeInformation.of(Long.class), RECORDS * 2)
                                        .execute("resumed"))
                .hasMessageContaining("job 'resumed' did not start: cannot go on from checkpoint ")
                .hasMessageContaining("the input of 'numbers' (ResumeTest.java:")
                .hasMessageContaining(
                        "has changed: part 1 was 0 from 0 to 1000 and is 0 from 0 to 2000 now")
                .hasMessageContaining("or start afresh with --force");
        System.setProperty("aquifer.state.force", "true");
        try {
            job("out", TypeInformation.of(Long.class), RECORDS * 2).execute("resumed");
        } finally {
            System.clearProperty("aquifer.state.force");
        }
        assertThat(starts.getLast().kind()).isEqualTo(JobStart.Kind.FIRST);
        assertThat(new DurableSink(directory + "out").records())
                .hasSize((int) (RECORDS * 2 - RECORDS * 2 / 97));
    }

    @Test
    void otherSinkOrOperator_isRefusedNamingIt() throws Exception {
        stopInTheMiddle();
        assertThatThrownBy(
                        () ->
                                job("elsewhere", TypeInformation.of(Long.class), RECORDS)
                                        .execute("resumed"))
                .hasMessageContaining("its operator \"operator 3\" is '")
                .hasMessageContaining("(Write " + directory + "out), and the job's is '")
                .hasMessageContaining("(Write " + directory + "elsewhere)");
        StreamExecutionEnvironment longer = job();
        longer.fromSequence(1, 2).print();
        assertThatThrownBy(() -> longer.execute("resumed"))
                .hasMessageContaining(
                        "it has no operator \"operator 4\", which the job has as 'sequence'");
        StreamExecutionEnvironment shorter = environment();
        shorter.fromSource(
                        new InterleavedSource(RECORDS, 2),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .print();
        assertThatThrownBy(() -> shorter.execute("resumed"))
                .hasMessageContaining(
                        "its operator \"operator 2\" is 'keyed process' (KeyedProcess)");
        job().execute("resumed");
        assertThat(new DurableSink(directory + "out").records())
                .as("a refused start has changed nothing")
                .hasSize((int) (RECORDS - RECORDS / 97))
                .doesNotHaveDuplicates();
    }

    /// A key whose hash code is another one in every process, as an identity is.
    record Unstable(long value) {
        static int process;

        @Override
        public int hashCode() {
            return Long.hashCode(value) * 31 + process * 7_919;
        }
    }

    private StreamExecutionEnvironment unstable() {
        StreamExecutionEnvironment env = environment();
        env.fromSource(
                        new InterleavedSource(RECORDS, 2).atRate(slow ? 2_000 : 10_000_000),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .map(
                        value -> {
                            if (value > RECORDS / 2) {
                                reached.countDown();
                            }
                            return value;
                        })
                .keyBy(value -> new Unstable(value % 50), TypeInformation.of(Unstable.class))
                .reduce(Long::sum)
                .map(String::valueOf)
                .sinkTo(new DurableSink(directory + "unstable"));
        return env;
    }

    @Test
    void keyWhoseHashCodeChanges_isNamedInsteadOfLost() throws Exception {
        Unstable.process = 1;
        JobClient client = unstable().executeAsync("unstable");
        reached.await();
        client.stop();
        assertThatThrownBy(client::getResult).hasMessageContaining("was stopped with checkpoint");
        slow = false;
        Unstable.process = 2;
        assertThatThrownBy(() -> unstable().execute("unstable"))
                .hasMessageContaining(
                        "state of operator \"operator 3\" cannot be given back: its key"
                                + " Unstable[value=")
                .hasMessageContaining(
                        "so hashCode() of io.aquifer.testkit.ResumeTest$Unstable gives other values"
                                + " in another process");
        Unstable.process = 1;
        assertThat(unstable().execute("unstable").sourceRecords())
                .isEqualTo(RECORDS - RECORDS / 97);
    }

    @Test
    void moreSubtasksThanKeyGroups_areRefused() throws Exception {
        stopInTheMiddle();
        StreamExecutionEnvironment wide = job();
        wide.setParallelism(129);
        assertThatThrownBy(() -> wide.execute("resumed"))
                .hasMessageContaining("with 129 subtasks: its state is divided into 128 key groups")
                .hasMessageContaining("Use a parallelism of 128 at most");
    }

    @Test
    void directoryInUse_isRefusedWithTheHolder() throws Exception {
        JobClient client = job().executeAsync("resumed");
        reached.await();
        assertThatThrownBy(() -> job().execute("resumed"))
                .hasMessageContaining("is in use by")
                .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
        client.cancel();
        assertThatThrownBy(client::getResult).hasMessage("job 'resumed' was cancelled");
    }

    @Test
    void sameUidTwice_isRefused() {
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, 10).uid("one").map(value -> value).uid("one").print();
        assertThatThrownBy(() -> env.execute("twice"))
                .hasMessageContaining("the uid \"one\" is that of 'sequence'")
                .hasMessageContaining("Give each operator its own");
    }

    @Test
    void checkpointsWithoutAPath_areRefusedWithTheLineToWrite() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.enableCheckpointing(500);
        env.fromSequence(1, 10).print();
        assertThatThrownBy(() -> env.execute("pathless"))
                .hasMessageContaining(
                        "enableCheckpointing needs a directory for the checkpoints: add"
                            + " env.setStateBackend(new ManagedStateBackend(\"path/to/state\")), or"
                            + " run with --state DIR");
    }

    private void failAlways(StateBackend backend, RestartStrategy strategy, String... texts)
            throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.setStateBackend(backend);
        if (strategy != null) {
            env.setRestartStrategy(strategy);
        }
        env.fromSequence(1, 100)
                .map(
                        value -> {
                            if (value == 77) {
                                ATTEMPTS.incrementAndGet();
                                throw new IllegalArgumentException("unlucky");
                            }
                            return value;
                        })
                .name("choosy")
                .sinkTo(new FaultySink<>("out", FaultySink.Fault.NONE));
        JobExecutionException failed =
                catchThrowableOfType(JobExecutionException.class, () -> env.execute("failing"));
        assertThat(failed.state()).isEqualTo(JobState.FAILED);
        assertThat(failed.getMessage())
                .contains("operator 'choosy' (ResumeTest.java:")
                .contains("IllegalArgumentException: unlucky, on record 77")
                .contains(texts);
    }

    @Test
    void failingFunction_isTriedAgainAsTheStrategySays_andThenGivenUpWithItsRecord()
            throws Exception {
        failAlways(new HashMapStateBackend(), null, "on record 77");
        assertThat(ATTEMPTS).as("no restart without checkpoints").hasValue(1);
        ATTEMPTS.set(0);
        failAlways(
                new HashMapStateBackend(),
                RestartStrategy.fixedDelay(2, Duration.ofMillis(1)),
                ". Gave up after 2 restarts (strategy: 2 restarts, 1 ms apart)");
        assertThat(ATTEMPTS).hasValue(3);
        ATTEMPTS.set(0);
        failAlways(
                new ManagedStateBackend(directory.resolve("failing").toString()),
                RestartStrategy.failureRate(4, Duration.ofHours(1), Duration.ZERO),
                ". Gave up after 4 restarts (strategy: at most 4 failures in 3600 s)");
        assertThat(ATTEMPTS).hasValue(5);
        assertThat(Files.exists(directory.resolve("failing/run"))).isTrue();
    }
}
