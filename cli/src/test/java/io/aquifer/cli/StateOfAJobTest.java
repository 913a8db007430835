package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.JobClient;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.FilterFunction;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ListState;
import io.aquifer.api.state.ListStateDescriptor;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.MapStateDescriptor;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// What the last checkpoint of a stopped job holds, read without the job's classes: the sums,
/// counts and timers are those of the elements it kept.
class StateOfAJobTest {
    private static CountDownLatch underWay = new CountDownLatch(1);
    private static CountDownLatch stopped = new CountDownLatch(1);

    record Key(String name, long number) {}

    record Sum(long total, @Nullable String last) {}

    /// Lets the stop catch up with the source.
    static final class Gate implements FilterFunction<Long> {
        private static final long serialVersionUID = 1L;
        private int passed;

        @Override
        public boolean filter(Long value) throws InterruptedException {
            if (++passed > 100) {
                underWay.countDown();
                stopped.await();
            }
            return true;
        }
    }

    /// Three keys; sums, lists and counts what comes, and has timers that never fire.
    static final class Keeping extends KeyedProcessFunction<Key, Long, Long> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Sum> sum;
        private transient ListState<Long> all;
        private transient MapState<String, Long> counts;

        @Override
        public void open() {
            sum = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Sum.class));
            all = getRuntimeContext().getListState(new ListStateDescriptor<>("all", Long.class));
            counts =
                    getRuntimeContext()
                            .getMapState(
                                    new MapStateDescriptor<>("counts", String.class, Long.class));
        }

        @Override
        public void processElement(Long value, Context<Key> ctx, Collector<Long> out) {
            Sum before = sum.value();
            long total = before == null ? value : before.total() + value;
            sum.update(new Sum(total, value % 2 == 0 ? null : "v" + value));
            all.add(value);
            String parity = value % 2 == 0 ? "even" : "odd";
            Long count = counts.get(parity);
            counts.put(parity, count == null ? 1 : count + 1);
            ctx.timerService().registerProcessingTimeTimer(Long.MAX_VALUE - value);
        }
    }

    @TempDir Path directory;

    private List<String> dump(String state) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Surroundings surroundings =
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        "aquifer",
                        Path.of("."),
                        Path.of("target"));
        int code =
                Main.run(
                        surroundings,
                        "state",
                        directory.toString(),
                        "--dump",
                        "keeper/" + state,
                        "--format",
                        "csv");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(code).isZero();
        return out.toString(StandardCharsets.UTF_8).lines().skip(1).toList();
    }

    /// @param runPages from how many pages on a table is saved as runs
    @ParameterizedTest(name = "managed {0}, runs from {1} pages on")
    @CsvSource({"true, 32", "true, 0", "false, 32"})
    void dump_ofAStoppedJob_hasEverythingItKept(boolean managed, String runPages) throws Exception {
        System.setProperty("aquifer.checkpoint.run-pages", runPages);
        try {
            stopAndDump(managed);
        } finally {
            System.clearProperty("aquifer.checkpoint.run-pages");
        }
    }

    private void stopAndDump(boolean managed) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setStateBackend(
                managed
                        ? new ManagedStateBackend(directory.toString())
                        : new HashMapStateBackend(directory.toString()));
        env.setParallelism(2);
        env.fromSequence(1, Long.MAX_VALUE / 2)
                .filter(new Gate())
                .keyBy(value -> new Key("k", value % 3))
                .process(new Keeping())
                .name("keeper")
                .print();
        underWay = new CountDownLatch(1);
        stopped = new CountDownLatch(1);
        JobClient client = env.executeAsync("keep");
        underWay.await();
        client.stop();
        stopped.countDown();
        assertThatThrownBy(client::getResult).hasMessageContaining("was stopped with checkpoint");

        Map<String, List<Long>> all = new HashMap<>();
        for (String line : dump("all")) {
            int end = line.indexOf("}\",") + 2;
            List<Long> elements =
                    all.computeIfAbsent(line.substring(0, end), key -> new ArrayList<>());
            String[] numbers = line.substring(end + 1).split(",", -1);
            assertThat(numbers[0]).as("index").isEqualTo(Integer.toString(elements.size()));
            elements.add(Long.parseLong(numbers[1]));
        }
        assertThat(all).hasSize(3);
        List<String> sums = new ArrayList<>();
        List<String> counts = new ArrayList<>();
        List<String> timers = new ArrayList<>();
        all.forEach(
                (key, elements) -> {
                    long sum = elements.stream().mapToLong(Long::longValue).sum();
                    long last = elements.getLast();
                    String text = last % 2 == 0 ? "null" : "\"\"v" + last + "\"\"";
                    sums.add(key + ",\"{\"\"total\"\":" + sum + ",\"\"last\"\":" + text + "}\"");
                    long even = elements.stream().filter(element -> element % 2 == 0).count();
                    counts.add(key + ",even," + even);
                    counts.add(key + ",odd," + (elements.size() - even));
                    elements.forEach(element -> timers.add(key + "," + (Long.MAX_VALUE - element)));
                });
        assertThat(timers).hasSizeGreaterThan(50);
        assertThat(dump("sum")).containsExactlyInAnyOrderElementsOf(sums);
        assertThat(dump("counts")).containsExactlyInAnyOrderElementsOf(counts);
        assertThat(dump("timers:processing-timers")).containsExactlyInAnyOrderElementsOf(timers);
        assertThat(dump("timers:event-timers")).isEmpty();
    }
}
