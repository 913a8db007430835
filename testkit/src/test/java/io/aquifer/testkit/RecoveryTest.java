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
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.api.windowing.TimeWindow;
import io.aquifer.api.windowing.TumblingEventTimeWindows;
import io.aquifer.engine.JobExecutionException;
import io.aquifer.engine.JobState;

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
import java.util.concurrent.atomic.AtomicLong;

/// A job with every kind of state, timers and windows, interrupted again and again at random
/// records by failures, cancellations and stops, resumed with another parallelism and another state
/// backend: what its sinks show in the end is what the same job without interruption shows.
@ExtendWith(LeakGuard.class)
@Timeout(120)
class RecoveryTest {
    private static final long RECORDS = 60_000;
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

    private static final AtomicLong SEEN = new AtomicLong();
    private static volatile long interruptAt;
    private static volatile Interruption interruption = Interruption.FAIL;
    private static volatile JobClient job;

    @TempDir Path directory;

    private static long interrupting(long value) {
        if (SEEN.incrementAndGet() == interruptAt) {
            JobClient running;
            while ((running = job) == null) {
                Thread.onSpinWait();
            }
            switch (interruption) {
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
            Integer times = map().get(value % 5);
            map().put(value % 5, times == null ? 1 : times + 1);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
            out.collect(context.getCurrentKey() + " has " + now);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext<Long> context, Collector<String> out)
                throws Exception {
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
                Long key, Context<TimeWindow> context, Iterable<Long> values, Collector<String> out) {
            long sum = 0;
            for (long value : values) {
                sum += value;
            }
            out.collect("window " + context.window().start() + " key " + key + " sum " + sum);
        }
    }

    private static StreamExecutionEnvironment environment(DurableSink sink) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        var numbers =
                env.fromSequence(0, RECORDS - 1)
                        .map(RecoveryTest::interrupting)
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.<Long>forBoundedOutOfOrderness(
                                                Duration.ofMillis(RECORDS))
                                        .withTimestampAssigner((value, time) -> value));
        numbers.keyBy(value -> value % KEYS).process(new Remembering()).sinkTo(sink);
        numbers.keyBy(value -> value % 17)
                .window(TumblingEventTimeWindows.of(Duration.ofMillis(WINDOW)))
                .aggregate(new Sum(), new Told())
                .sinkTo(new DurableSink(sink.name() + " windows"));
        numbers.keyBy(value -> value % 3)
                .window(TumblingEventTimeWindows.of(Duration.ofMillis(WINDOW * 7)))
                .process(new Told())
                .sinkTo(new DurableSink(sink.name() + " elements"));
        numbers.keyBy(value -> value % 5).reduce(Long::max).map(String::valueOf).rebalance()
                .sinkTo(new DurableSink(sink.name() + " maxima"))
                .setParallelism(1);
        return env;
    }

    private static List<List<String>> sorted(String name) {
        List<List<String>> all = new ArrayList<>();
        for (String part : List.of("", " windows", " elements")) {
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
        Random random = new Random(seed);
        interruptAt = -1;
        String whole = "whole " + seed;
        environment(new DurableSink(whole)).execute("whole");
        String name = "interrupted " + seed;
        int resumes = 0;
        int restarts = 0;
        List<String> log = new ArrayList<>();
        for (int round = 0; ; round++) {
            DurableSink sink = new DurableSink(name);
            StreamExecutionEnvironment env = environment(sink);
            env.setParallelism(1 + random.nextInt(4));
            String path = directory.resolve("state").toString();
            env.setStateBackend(
                    random.nextBoolean()
                            ? new ManagedStateBackend(path)
                            : new HashMapStateBackend(path));
            env.enableCheckpointing(Duration.ofMillis(1 + random.nextInt(20)));
            env.setRestartStrategy(RestartStrategy.fixedDelay(1, Duration.ZERO));
            job = null;
            SEEN.set(0);
            boolean interrupted = round < 8;
            interruptAt = interrupted ? 1 + random.nextInt((int) RECORDS / 2) : -1;
            interruption =
                    Interruption.values()[random.nextInt(Interruption.values().length)];
            for (String part : List.of("", " windows", " elements", " maxima")) {
                new DurableSink(name + part).disk().ignoresAbort =
                        interruption == Interruption.KILL;
            }
            job = env.executeAsync("interrupted");
            JobState end = JobState.FINISHED;
            try {
                job.getResult();
            } catch (JobExecutionException ended) {
                end = ended.state();
            }
            log.add(interruption + " at " + interruptAt + " -> " + end);
            assertThat(end).as("%s", log).isIn(JobState.FINISHED, JobState.STOPPED, JobState.CANCELED);
            if (end == JobState.FINISHED) {
                restarts += interruption == Interruption.FAIL ? 1 : 0;
                break;
            }
            resumes++;
        }
        System.out.println(log);
        assertThat(sorted(name)).as("%s", log).isEqualTo(sorted(whole));
        assertThat(resumes + restarts).isGreaterThan(0);
    }
}
