package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.CloseableIterator;
import io.aquifer.api.DataStream;
import io.aquifer.api.JobClient;
import io.aquifer.api.JobExecutionResult;
import io.aquifer.api.KeyedStream;
import io.aquifer.api.OutputTag;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.AggregateFunction;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.ProcessFunction;
import io.aquifer.api.functions.RichMapFunction;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.types.TypeInformation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.LongStream;

/// Whole jobs, whose results are collected and compared with plain Java.
@ExtendWith(LeakGuard.class)
@Timeout(120)
class JobTest {
    record Sale(String shop, int pieces, double price, long id) {}

    private static StreamExecutionEnvironment environment(int parallelism) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("64");
        env.setParallelism(parallelism);
        return env;
    }

    private static <T> List<T> run(StreamExecutionEnvironment env, DataStream<T> stream)
            throws InterruptedException {
        List<T> results = new ArrayList<>();
        stream.collect(results::add);
        env.execute("job");
        return results;
    }

    private static List<Sale> sales(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Sale> sales = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            sales.add(
                    new Sale(
                            "shop " + random.nextInt(40),
                            random.nextInt(100),
                            random.nextInt(64) / 4.0,
                            i));
        }
        return sales;
    }

    /// Each key's results, in order, when its records are combined one after another.
    private static Map<String, List<Sale>> running(List<Sale> sales, BinaryOperator<Sale> combine) {
        Map<String, List<Sale>> results = new HashMap<>();
        for (Sale sale : sales) {
            List<Sale> own = results.computeIfAbsent(sale.shop(), ignored -> new ArrayList<>());
            own.add(own.isEmpty() ? sale : combine.apply(own.getLast(), sale));
        }
        return results;
    }

    private static Map<String, List<Sale>> byShop(List<Sale> sales) {
        return running(sales, (before, sale) -> sale);
    }

    @ParameterizedTest(name = "{0}, parallelism {1}")
    @MethodSource(Cases.BACKENDS_AND_PARALLELISMS)
    void runningResultsByKey_agreeWithALoop(StateBackend backend, int parallelism)
            throws Exception {
        List<Sale> sales = sales(parallelism);
        Map<Function<KeyedStream<Sale, String>, DataStream<Sale>>, BinaryOperator<Sale>> cases =
                new HashMap<>();
        cases.put(
                in -> in.sum("pieces"),
                (a, b) -> new Sale(a.shop(), a.pieces() + b.pieces(), a.price(), a.id()));
        cases.put(
                in -> in.sum("price"),
                (a, b) -> new Sale(a.shop(), a.pieces(), a.price() + b.price(), a.id()));
        cases.put(
                in -> in.min("pieces"),
                (a, b) -> new Sale(a.shop(), Math.min(a.pieces(), b.pieces()), a.price(), a.id()));
        cases.put(
                in -> in.max("price"),
                (a, b) -> new Sale(a.shop(), a.pieces(), Math.max(a.price(), b.price()), a.id()));
        cases.put(in -> in.minBy("price"), (a, b) -> b.price() < a.price() ? b : a);
        cases.put(in -> in.maxBy("pieces"), (a, b) -> b.pieces() > a.pieces() ? b : a);
        cases.put(
                in ->
                        in.reduce(
                                (a, b) ->
                                        new Sale(
                                                a.shop(),
                                                a.pieces() ^ b.pieces(),
                                                b.price(),
                                                a.id() + b.id())),
                (a, b) -> new Sale(a.shop(), a.pieces() ^ b.pieces(), b.price(), a.id() + b.id()));
        for (Map.Entry<Function<KeyedStream<Sale, String>, DataStream<Sale>>, BinaryOperator<Sale>>
                one : cases.entrySet()) {
            StreamExecutionEnvironment env = environment(parallelism).setStateBackend(backend);
            DataStream<Sale> results =
                    one.getKey().apply(env.fromCollection(sales).keyBy(Sale::shop));
            assertThat(byShop(run(env, results))).isEqualTo(running(sales, one.getValue()));
        }
    }

    /// The mean price, once there are two.
    static final class MeanPrice implements AggregateFunction<Sale, double[], Double> {
        private static final long serialVersionUID = 1L;

        @Override
        public double[] createAccumulator() {
            return new double[2];
        }

        @Override
        public double[] add(Sale value, double[] accumulator) {
            accumulator[0] += value.price();
            accumulator[1]++;
            return accumulator;
        }

        @Override
        @SuppressWarnings("NullAway")
        public Double getResult(double[] accumulator) {
            return accumulator[1] < 2 ? null : accumulator[0] / accumulator[1];
        }

        @Override
        public double[] merge(double[] a, double[] b) {
            return new double[] {a[0] + b[0], a[1] + b[1]};
        }
    }

    @ParameterizedTest(name = "{0}, parallelism {1}")
    @MethodSource(Cases.BACKENDS_AND_PARALLELISMS)
    void aggregate_emitsEachNewResultButNulls(StateBackend backend, int parallelism)
            throws Exception {
        List<Sale> sales = sales(9);
        StreamExecutionEnvironment env = environment(parallelism).setStateBackend(backend);
        List<Double> means =
                run(env, env.fromCollection(sales).keyBy(Sale::shop).aggregate(new MeanPrice()));
        List<Double> expected = new ArrayList<>();
        Map<String, double[]> totals = new HashMap<>();
        for (Sale sale : sales) {
            double[] total = totals.computeIfAbsent(sale.shop(), ignored -> new double[2]);
            total[0] += sale.price();
            if (++total[1] >= 2) {
                expected.add(total[0] / total[1]);
            }
        }
        assertThat(means).containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void union_givesAllRecordsOfAllStreams_ofOneTwiceWhenNamedTwice(int parallelism)
            throws Exception {
        StreamExecutionEnvironment env = environment(parallelism);
        DataStream<Long> small = env.fromSequence(0, 999);
        DataStream<Long> mapped = env.fromSequence(0, 999).map(value -> value + 10_000);
        List<Long> results = run(env, small.union(mapped, small).map(value -> value + 1));
        List<Long> expected = new ArrayList<>();
        LongStream.rangeClosed(1, 1_000)
                .forEach(value -> expected.addAll(List.of(value, value, value + 10_000)));
        assertThat(results).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static final OutputTag<String> TEXTS = new OutputTag<>("texts") {};
    private static final OutputTag<Long> UNREAD = new OutputTag<>("unread") {};

    static final class Splitting extends ProcessFunction<Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context ctx, Collector<Long> out) {
            if (value % 3 == 0) {
                ctx.output(TEXTS, "t" + value);
            } else {
                out.collect(value);
            }
            ctx.output(UNREAD, value);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void sideOutput_isReadInTheSameChainAndAcrossAnExchange(int parallelism) throws Exception {
        StreamExecutionEnvironment env = environment(parallelism);
        var split = env.fromSequence(0, 2_999).process(new Splitting());
        List<Long> main = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<String> upper = new ArrayList<>();
        split.collect(main::add);
        split.getSideOutput(TEXTS).rebalance().map(text -> text).collect(texts::add);
        split.getSideOutput(TEXTS).map(text -> "T" + text.substring(1)).collect(upper::add);
        env.execute("sides");
        assertThat(main).hasSize(2_000).allMatch(value -> value % 3 != 0);
        assertThat(texts).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(upper)
                .containsExactlyInAnyOrderElementsOf(
                        texts.stream().map(t -> "T" + t.substring(1)).toList());
    }

    static final class SubtaskIndex extends RichMapFunction<Long, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer map(Long value) {
            getRuntimeContext().getCounter("mapped").inc();
            return getRuntimeContext().getIndexOfThisSubtask();
        }
    }

    private static Map<Integer, Integer> counts(List<Integer> indexes) {
        Map<Integer, Integer> counts = new TreeMap<>();
        indexes.forEach(index -> counts.merge(index, 1, Integer::sum));
        return counts;
    }

    @Test
    void rebalanceGlobalAndBroadcast_reachTheSubtasksTheyShould() throws Exception {
        StreamExecutionEnvironment env = environment(4);
        DataStream<Long> source = env.fromSequence(1, 1_000).setParallelism(1);
        assertThat(counts(run(env, source.rebalance().map(new SubtaskIndex()))))
                .isEqualTo(Map.of(0, 250, 1, 250, 2, 250, 3, 250));
        env = environment(4);
        assertThat(counts(run(env, env.fromSequence(1, 1_000).global().map(new SubtaskIndex()))))
                .isEqualTo(Map.of(0, 1_000));
        env = environment(4);
        assertThat(counts(run(env, env.fromSequence(1, 1_000).broadcast().map(new SubtaskIndex()))))
                .isEqualTo(Map.of(0, 1_000, 1, 1_000, 2, 1_000, 3, 1_000));
    }

    @Test
    void finishedJob_reportsItsRecordsAndCounters() throws Exception {
        StreamExecutionEnvironment env = environment(2);
        env.fromSequence(1, 10_000).rebalance().map(new SubtaskIndex()).collect(index -> {});
        JobExecutionResult result = env.execute("counted");
        assertThat(result.jobName()).isEqualTo("counted");
        assertThat(result.sourceRecords()).isEqualTo(10_000);
        assertThat(result.counters()).isEqualTo(Map.of("mapped", 10_000L));
        assertThat(result.rejects()).isEmpty();
        assertThat(result.netRuntime()).isPositive();
    }

    @Test
    void differingParallelisms_loseAndDoubleNothing() throws Exception {
        StreamExecutionEnvironment env = environment(2);
        List<Long> results =
                run(
                        env,
                        env.fromSequence(1, 20_000)
                                .map(value -> value)
                                .setParallelism(3)
                                .filter(value -> value % 2 == 0)
                                .setParallelism(1)
                                .keyBy(value -> value % 100)
                                .reduce((a, b) -> b)
                                .setParallelism(4));
        assertThat(results)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, 10_000).map(v -> 2 * v).boxed().toList());
    }

    @ParameterizedTest(name = "{0}, parallelism {1}")
    @MethodSource(Cases.BACKENDS_AND_PARALLELISMS)
    void recordsLargerThanAPage_crossAndAreKept(StateBackend backend, int parallelism)
            throws Exception {
        StreamExecutionEnvironment env = environment(parallelism).setStateBackend(backend);
        int[] lengths = {0, 10, 32 * 1024, 200_000, 1_000_003};
        List<String> results =
                run(
                        env,
                        env.fromSequence(0, 39)
                                .map(
                                        value ->
                                                String.valueOf(value % 10)
                                                                .repeat(
                                                                        lengths[
                                                                                (int)
                                                                                        (value
                                                                                                % lengths.length)])
                                                        + "#"
                                                        + value % 10)
                                .keyBy(text -> text.substring(text.indexOf('#')))
                                .reduce((a, b) -> a.length() >= b.length() ? a : b));
        assertThat(results).hasSize(40);
        for (String text : results) {
            int number = Integer.parseInt(text.substring(text.indexOf('#') + 1));
            assertThat(text.length()).isEqualTo(lengths[number % lengths.length] + 2);
            assertThat(text.chars().limit(text.length() - 2).allMatch(c -> c == '0' + number))
                    .isTrue();
        }
    }

    sealed interface Shape {}

    record Circle(int radius) implements Shape {}

    record Square(int side) implements Shape {}

    @Test
    @SuppressWarnings("NullAway") // null is the point
    void elementsOfDifferentClasses_needTheirCommonTypeSaid() throws Exception {
        List<Shape> shapes = List.of(new Circle(1), new Square(2), new Circle(3));
        assertThatThrownBy(() -> environment(1).fromCollection(shapes))
                .hasMessage(
                        "element 1 is a Square, the first one is a Circle: say what they have in"
                                + " common with fromCollection(elements,"
                                + " TypeInformation.of(Common.class))");
        assertThatThrownBy(() -> environment(1).fromData("a", null, "c"))
                .hasMessage("element 1 is null; a stream holds no nulls");
        StreamExecutionEnvironment env = environment(2);
        assertThat(
                        run(
                                env,
                                env.fromCollection(shapes, TypeInformation.of(Shape.class))
                                        .rebalance()
                                        .map(shape -> shape)))
                .containsExactlyInAnyOrderElementsOf(shapes);
    }

    @Test
    void typeWithoutSerializer_acrossAnExchange_isAnErrorThatNamesTheOperator() {
        StreamExecutionEnvironment env = environment(2);
        env.fromSequence(1, 9).map(value -> new Thread()).returns(Thread.class).rebalance().print();
        assertThatThrownBy(() -> env.execute("threads"))
                .hasMessageStartingWith(
                        "job 'threads' did not start: operator 'map' (JobTest.java:")
                .hasMessageContaining("no serializer for java.lang.Thread");
    }

    @Test
    void executeAndCollect_closedEarly_cancelsTheJob() {
        StreamExecutionEnvironment env = environment(2);
        try (CloseableIterator<Long> results =
                env.fromSequence(1, 1_000_000_000)
                        .keyBy(value -> value % 10)
                        .reduce(Long::sum)
                        .executeAndCollect("early")) {
            for (int i = 0; i < 5_000; i++) {
                assertThat(results.hasNext()).isTrue();
                assertThat(results.next()).isPositive();
            }
        }
        // The guard finds no thread and no page of the job.
    }

    @Test
    void executeAndCollect_twiceOnOneEnvironment_givesAllResultsBothTimes() {
        StreamExecutionEnvironment env = environment(1);
        DataStream<Long> stream = env.fromSequence(1, 5_000).map(value -> value * 2);
        for (int run = 0; run < 2; run++) {
            long sum = 0;
            try (CloseableIterator<Long> results = stream.executeAndCollect("run " + run)) {
                while (results.hasNext()) {
                    sum += results.next();
                }
            }
            assertThat(sum).isEqualTo(5_000L * 5_001);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"64", "256"})
    void twoJobs_atOnceInOneProcess_bothFinish(String memory) throws Exception {
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        List<JobClient> jobs = new ArrayList<>();
        for (List<Integer> results : List.of(first, second)) {
            StreamExecutionEnvironment env = environment(4).setMemory(memory);
            env.fromSequence(1, 50_000)
                    .map(value -> new Sale("shop " + value % 1_000, 1, 0, 0))
                    .keyBy(Sale::shop)
                    .sum("pieces")
                    .collect(sale -> results.add(sale.pieces()));
            jobs.add(env.executeAsync("job " + jobs.size()));
        }
        for (JobClient job : jobs) {
            job.getResult();
        }
        for (List<Integer> results : List.of(first, second)) {
            assertThat(counts(results))
                    .hasSize(50)
                    .containsKeys(1, 50)
                    .allSatisfy((n, times) -> assertThat(times).isEqualTo(1_000));
        }
    }
}
