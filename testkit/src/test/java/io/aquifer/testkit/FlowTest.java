package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.OperatorProgress;
import io.aquifer.engine.TaskManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// How records flow: a slow sink holds the source back, few results among much input do not wait,
/// and busy is told from idle.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class FlowTest {
    private static final int RECORD_BYTES = 1_000;

    /// Texts of [#RECORD_BYTES] bytes without end, until told to stop.
    private static final class Endless implements Source<String> {
        final AtomicLong read = new AtomicLong();
        final AtomicBoolean stop = new AtomicBoolean();
        final AtomicReference<Thread> thread = new AtomicReference<>(Thread.currentThread());

        @Override
        public String name() {
            return "endless";
        }

        @Override
        public TypeInformation<String> producedType() {
            return TypeInformation.of(String.class);
        }

        @Override
        public List<SourceSplit> splits() {
            return List.of(new SourceSplit("endless", 0, Long.MAX_VALUE));
        }

        @Override
        public SourceReader<String> createReader(SourceSplit split, long position) {
            thread.set(Thread.currentThread());
            return new SourceReader<>() {
                @Override
                public boolean read(SourceOutput<String> output, int most) {
                    for (int i = 0; i < 16 && !stop.get(); i++) {
                        output.collect("r".repeat(RECORD_BYTES - 20) + read.getAndIncrement());
                    }
                    return !stop.get();
                }

                @Override
                public long position() {
                    return read.get();
                }

                @Override
                public void close() {}
            };
        }
    }

    private static StreamExecutionEnvironment environment(String memory) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory(memory);
        env.setParallelism(1);
        return env;
    }

    @Test
    void slowSink_holdsTheSourceBack_withinWhatThePagesHold() throws Exception {
        // One exchange: at most 32 pages of network memory, what the writer gathers (8 KiB), what
        // the reader has copied out
        // (a page, or a little more when a record is cut), and its batch of records.
        long mostAhead =
                (32L * 32 * 1024 + 8 * 1024 + 2 * 32 * 1024 + 64 * RECORD_BYTES)
                        / (RECORD_BYTES - 20);
        StreamExecutionEnvironment env = environment("64");
        Endless source = new Endless();
        AtomicLong written = new AtomicLong();
        List<Long> ahead = new ArrayList<>();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "endless")
                .rebalance()
                .collect(
                        text -> {
                            if (written.getAndIncrement() % 500 == 0 && !source.stop.get()) {
                                // As slow as can be: goes on only when the source waits.
                                Thread reading = source.thread.get();
                                while (reading.getState() != Thread.State.WAITING) {
                                    Thread.onSpinWait();
                                }
                                ahead.add(source.read.get() - written.get());
                            }
                            if (written.get() == 5_000) {
                                source.stop.set(true);
                            }
                        });
        env.execute("slow");
        assertThat(written.get()).isEqualTo(source.read.get());
        assertThat(ahead)
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy(records -> assertThat(records).isBetween(0L, mostAhead));
        assertThat(ahead.getFirst()).as("the pages are used").isGreaterThan(mostAhead / 2);
    }

    /// Some work, so that this operator is slower than its input.
    private static long compute(long rounds) {
        long x = 1;
        for (long i = 0; i < 20 * rounds; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        return x;
    }

    @Test
    void rareResult_amongEndlessInput_arrivesWhileTheInputGoesOn() throws Exception {
        StreamExecutionEnvironment env = environment("64");
        Endless source = new Endless();
        AtomicLong results = new AtomicLong();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "endless")
                .rebalance()
                .filter(text -> compute(5L * text.length()) != 42 && text.endsWith("r1000"))
                .rebalance()
                .collect(
                        text -> {
                            results.incrementAndGet();
                            source.stop.set(true);
                        });
        env.execute("rare");
        assertThat(results).hasValue(1);
        assertThat(source.read.get()).isBetween(1_000L, 10_000L);
    }

    @Test
    void busyOperator_isToldFromOneThatWaits() throws Exception {
        AtomicReference<JobReport> report = new AtomicReference<>();
        JobListener listener =
                new JobListener() {
                    @Override
                    public void jobFinished(JobReport finished) {
                        report.set(finished);
                    }
                };
        TaskManager.get().addListener(listener);
        try {
            StreamExecutionEnvironment env = environment("64");
            env.fromSequence(10_000, 10_200)
                    .map(value -> compute(5 * value))
                    .name("compute")
                    .rebalance()
                    .map(value -> value)
                    .name("wait")
                    .collect(value -> {});
            env.execute("busy");
        } finally {
            TaskManager.get().removeListener(listener);
        }
        List<OperatorProgress> operators = report.get().last().operators();
        double compute = busy(operators, "compute");
        double wait = busy(operators, "wait");
        assertThat(compute).isGreaterThan(0.5);
        assertThat(wait).isLessThan(compute);
    }

    private static double busy(List<OperatorProgress> operators, String name) {
        return operators.stream()
                .filter(operator -> operator.name().equals(name))
                .findFirst()
                .orElseThrow()
                .busy();
    }
}
