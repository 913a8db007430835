package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.JobClient;
import io.aquifer.api.RestartStrategy;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.ProcessWindowFunction;
import io.aquifer.api.graph.CheckpointSettings;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.windowing.TimeWindow;
import io.aquifer.api.windowing.TumblingEventTimeWindows;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobListener;
import io.aquifer.engine.JobState;
import io.aquifer.engine.JobView;
import io.aquifer.engine.TaskManager;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// A job with every kind of state, timers and windows, interrupted again and again at random
/// records by failures, cancellations and stops, resumed with another parallelism and another state
/// backend: what its sinks show in the end is what the same job without interruption shows.
@ExtendWith(LeakGuard.class)
@Timeout(120)
class RecoveryTest {
    private static final long RECORDS = 100_000;

    /// So slow that several checkpoints come between two interruptions.
    private static final long RATE = 60_000;

    private static final long KEYS = 311;
    private static final long WINDOW = 1_000;

    /// What happens at a record.
    private enum Interruption {
        FAIL,
        CANCEL,
        /// As when the process is killed: sinks cannot remove what they have written.
        KILL,
        STOP
    }

    private static final String RUN_PAGES = "aquifer.checkpoint.run-pages";
    private static final int MOST_INTERRUPTIONS = 10;

    private static final AtomicLong SEEN = new AtomicLong();
    private static volatile long interruptAt;
    private static volatile Interruption interruption = Interruption.FAIL;
    private static volatile JobClient job;
    private static Random random = new Random(0);
    private static volatile int interruptions;
    private static final List<String> LOG = new CopyOnWriteArrayList<>();

    @TempDir Path directory;

    private final JobListener listener =
            new JobListener() {
                @Override
                public void jobStarted(JobView started) {
                    LOG.add(started.start().kind() + " " + started.start().checkpoint());
                }
            };

    @BeforeEach
    void listen() {
        TaskManager.get().addListener(listener);
    }

    @AfterEach
    void endListening() {
        TaskManager.get().removeListener(listener);
        System.clearProperty(RUN_PAGES);
    }

    /// Chooses the next interruption, soon enough that it happens.
    private static void chooseNext(String name) {
        SEEN.set(0);
        // State of this size is saved as a whole, or what has changed of it.
        System.setProperty(RUN_PAGES, random.nextBoolean() ? "0" : "32");
        interruption = Interruption.values()[random.nextInt(Interruption.values().length)];
        interruptAt =
                interruptions < MOST_INTERRUPTIONS ? 1 + random.nextInt((int) RECORDS / 6) : -1;
        for (String part : SINKS) {
            new DurableSink(name + part).disk().ignoresAbort = interruption == Interruption.KILL;
        }
    }

    private static long interrupting(long value) {
        if (SEEN.incrementAndGet() == interruptAt) {
            JobClient running;
            while ((running = job) == null) {
                Thread.onSpinWait();
            }
            Interruption now = interruption;
            LOG.add(now + " at " + interruptAt);
            interruptions++;
            if (now == Interruption.FAIL) {
                chooseNext(running.getJobName());
            }
            switch (now) {
                case FAIL -> throw new IllegalStateException("at record " + value);
                case CANCEL, KILL -> running.cancel();
                case STOP -> running.stop();
            }
        }
        return value;
    }

    /// Counts in a value, remembers in a list and a map, and tells all of it from a timer.
    private static final class Remembering extends KeyedProcessFunction<Long, Long, String> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> count;
        private transient ListState<Long> list;
        private transient MapState<Long, Integer> map;

        @Override
        public void open() {
            count =
                    getRuntimeContext()
                            .getState(
                                    new ValueStateDescriptor<>(
                                            "count", TypeInformation.of(Long.class)));
        }

        private ListState<Long> list() {
            // Asked for late, in the middle of a record.
            if (list == null) {
                list =
                        getRuntimeContext()
                                .getListState(
                                        new ListStateDescriptor<>(
                                                "list", TypeInformation.of(Long.class)));
            }
            return list;
        }

        private MapState<Long, Integer> map() {
            if (map == null) {
                map =
                        getRuntimeContext()
                                .getMapState(
                                        new MapStateDescriptor<>(
                                                "map",
                                                TypeInformation.of(Long.class),
                                                TypeInformation.of(Integer.class)));
            }
            return map;
        }

        @Override
        public void processElement(Long value, Context<Long> context, Collector<String> out)
                throws Exception {
            Long before = count.value();
            long now = before == null ? 1 : before + 1;
            count.update(now);
            if (value % 3 == 0) {
                list().add(value);
            }
            long end = (value / 5_000 + 1) * 5_000;
            Integer times = map().get(end);
            map().put(end, times == null ? 1 : times + 1);
            context.timerService().registerEventTimeTimer(end);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
            out.collect(context.getCurrentKey() + " has " + now);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext<Long> context, Collector<String> out)
                throws Exception {
            if (timestamp < Long.MAX_VALUE - 1) {
                out.collect(
                        context.getCurrentKey() + " at " + timestamp + ": " + map().get(timestamp));
                if (timestamp % 10_000 == 0) {
                    map().remove(timestamp);
                }
                return;
            }
            List<Long> elements = new ArrayList<>();
            list().get().forEach(elements::add);
            elements.sort(null);
            TreeMap<Long, Integer> entries = new TreeMap<>();
            map().entries().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
            out.collect(context.getCurrentKey() + ": " + elements.hashCode() + " " + entries);
        }
    }

    private static final class Sum implements AggregateFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Long value, Long accumulator) {
            return accumulator + value;
        }

        @Override
        public Long getResult(Long accumulator) {
            return accumulator;
        }

        @Override
        public Long merge(Long a, Long b) {
            return a + b;
        }
    }

    private static final class Told extends ProcessWindowFunction<Long, String, Long, TimeWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public void process(
                Long key,
                Context<TimeWindow> context,
                Iterable<Long> values,
                Collector<String> out) {
            long sum = 0;
            for (long value : values) {
                sum += value;
            }
            out.collect("window " + context.window().start() + " key " + key + " sum " + sum);
        }
    }

    private static StreamExecutionEnvironment environment(DurableSink sink, int splits) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("256");
        var numbers =
                env.fromSource(
                                new InterleavedSource(RECORDS, splits).atRate(RATE),
                                WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(10)),
                                "numbers")
                        .map(RecoveryTest::interrupting);
        numbers.keyBy(value -> value % KEYS).process(new Remembering()).sinkTo(sink);
        numbers.keyBy(value -> value % 17)
                .window(TumblingEventTimeWindows.of(Duration.ofMillis(WINDOW)))
                .aggregate(new Sum(), new Told())
                .sinkTo(new DurableSink(sink.name() + " windows"));
        numbers.keyBy(value -> value % 3)
                .window(TumblingEventTimeWindows.of(Duration.ofMillis(WINDOW * 7)))
                .process(new Told())
                .sinkTo(new DurableSink(sink.name() + " elements"));
        numbers.keyBy(value -> value % 5)
                .reduce(Long::max)
                .map(String::valueOf)
                .rebalance()
                .sinkTo(new DurableSink(sink.name() + " maxima"))
                .setParallelism(1);
        return env;
    }

    private static final List<String> SINKS = List.of("", " windows", " elements", " maxima");

    private static List<List<String>> sorted(String name) {
        List<List<String>> all = new ArrayList<>();
        for (String part : SINKS.subList(0, 3)) {
            List<String> records = new ArrayList<>(new DurableSink(name + part).records());
            records.sort(null);
            all.add(records);
        }
        // Running maxima depend on the order of arrival, their number does not.
        all.add(List.of("" + new DurableSink(name + " maxima").records().size()));
        return all;
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void jobInterruptedAtRandom_showsWhatTheUninterruptedJobShows(long seed) throws Exception {
        random = new Random(seed);
        LOG.clear();
        interruptions = 0;
        interruptAt = -1;
        int splits = 1 + random.nextInt(5);
        String whole = "whole " + seed;
        environment(new DurableSink(whole), splits).execute(whole);
        String name = "interrupted " + seed;
        JobState end;
        do {
            StreamExecutionEnvironment env = environment(new DurableSink(name), splits);
            int parallelism = 1 + random.nextInt(4);
            env.setParallelism(parallelism);
            String path = directory.resolve("state").toString();
            StateBackend backend =
                    random.nextBoolean()
                            ? new ManagedStateBackend(path)
                            : new HashMapStateBackend(path);
            env.setStateBackend(backend);
            // Some checkpoints take longer than they may.
            env.setCheckpoints(
                    new CheckpointSettings(
                            Duration.ofMillis(1 + random.nextInt(20)),
                            Duration.ofMillis(
                                    random.nextBoolean() ? 10_000 : 5 + random.nextInt(20)),
                            1 + random.nextInt(3)));
            env.setRestartStrategy(RestartStrategy.fixedDelay(MOST_INTERRUPTIONS, Duration.ZERO));
            job = null;
            chooseNext(name);
            LOG.add("start with " + parallelism + " and " + backend.getClass().getSimpleName());
            job = env.executeAsync(name);
            end = JobState.FINISHED;
            try {
                job.getResult();
            } catch (JobExecutionException ended) {
                end = ended.state();
                assertThat(end).as("%s: %s", LOG, ended).isIn(JobState.STOPPED, JobState.CANCELED);
            }
            LOG.add(end.toString());
        } while (end != JobState.FINISHED);
        assertThat(interruptions).isPositive();
        assertThat(sorted(name)).as("%s", LOG).isEqualTo(sorted(whole));
    }
}
