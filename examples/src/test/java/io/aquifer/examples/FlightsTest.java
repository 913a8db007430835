package io.aquifer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.JobExecutionResult;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The `Flights` job against DuckDB: every window, every reject, the duplicates and the ten busiest
/// airports, on clean and on dirty input, at several parallelisms, with both state backends.
class FlightsTest {
    private static final String HEADER = FlightsOracle.HEADER;

    private static final Map<String, FlightsOracle.Expected> KNOWN = new HashMap<>();
    private static final Pattern TABLE_LINE =
            Pattern.compile(" *[0-9]+\\. (\\S+) +([0-9,]+)(  .*)?");

    @TempDir private Path temp;

    /// What one run put out.
    private record Output(
            JobExecutionResult result,
            List<String> windows,
            List<String> rejects,
            List<String> printed) {}

    static Stream<Arguments> everyWay() {
        List<Arguments> all = new ArrayList<>();
        for (String file : new String[] {"flights-200k.csv.gz", "flights-3m.parquet"}) {
            for (int parallelism : new int[] {1, 2, 4}) {
                all.add(Arguments.of(file, parallelism, new ManagedStateBackend()));
                all.add(Arguments.of(file, parallelism, new HashMapStateBackend()));
            }
        }
        return all.stream();
    }

    @AfterEach
    void noThreadOfTheJobIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("flights"));
    }

    @ParameterizedTest(name = "{0}, parallelism {1}, {2}")
    @MethodSource("everyWay")
    void realFlights_atEveryParallelismWithEveryBackend_equalTheOracle(
            String file, int parallelism, StateBackend backend) throws Exception {
        check(ExampleData.file(file), ExampleData.file("airports.csv"), parallelism, backend);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void dirtyFlights_ofARandomKind_equalTheOracle(long seed) throws Exception {
        Path dirty = temp.resolve("dirty.csv");
        Files.write(dirty, dirtyRows(new SplittableRandom(seed), 4_000));
        check(
                dirty,
                ExampleData.file("airports.csv"),
                1 + (int) (seed % 3),
                new ManagedStateBackend());
    }

    private void check(Path flights, Path airports, int parallelism, StateBackend backend)
            throws Exception {
        FlightsOracle.Expected expected = expected(flights, airports);
        Output output = run(flights, airports, parallelism, backend);

        assertThat(output.windows()).isEqualTo(expected.windowLines());
        assertThat(output.result().sourceRecords()).isEqualTo(expected.accepted());
        assertThat(output.result().counters().getOrDefault("duplicates", 0L))
                .isEqualTo(expected.duplicates());
        assertThat(output.result().counters().getOrDefault("late records dropped", 0L)).isZero();
        assertThat(output.rejects())
                .containsExactlyInAnyOrderElementsOf(
                        expected.rejects().stream()
                                .map(reject -> reject.row() + "," + reject.column())
                                .toList());
        assertThat(table(output.printed())).isEqualTo(expected.topTen());
    }

    /// The oracle's answer; that for the real files is worked out once.
    private static FlightsOracle.Expected expected(Path flights, Path airports) throws Exception {
        FlightsOracle.Expected known = KNOWN.get(flights.toString());
        if (known == null) {
            known = FlightsOracle.of(flights, airports);
            if (flights.startsWith(ExampleData.file("airports.csv").getParent())) {
                KNOWN.put(flights.toString(), known);
            }
        }
        return known;
    }

    private Output run(Path flights, Path airports, int parallelism, StateBackend backend)
            throws Exception {
        Path out = temp.resolve("out");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("256");
        env.setStateBackend(backend);
        env.setParallelism(parallelism);
        PrintStream console = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        JobExecutionResult result;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            result = Flights.run(env, flights, airports, out, 0);
        } finally {
            System.setOut(console);
        }
        List<String> windows = new ArrayList<>();
        for (Path part : parts(out, "windows-")) {
            List<String> lines = Files.readAllLines(part);
            assertThat(lines.getFirst()).isEqualTo(HEADER);
            List<String> rows = lines.subList(1, lines.size());
            assertThat(rows)
                    .as("order within %s", part.getFileName())
                    .isSortedAccordingTo(FlightsTest::byStartAndOrigin);
            windows.addAll(rows);
        }
        windows.sort(FlightsTest::byStartAndOrigin);
        List<String> rejects = new ArrayList<>();
        for (Path part : parts(out, "rejects-")) {
            List<String> lines = Files.readAllLines(part);
            assertThat(lines.getFirst()).isEqualTo("source,row,column,reason,value");
            for (String line : lines.subList(1, lines.size())) {
                String[] fields = line.split(",");
                rejects.add(fields[1] + "," + fields[2]);
            }
        }
        try (Stream<Path> left = Files.list(out)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .allMatch(name -> name.matches(".*\\.(csv|manifest|lock)"));
        }
        return new Output(
                result,
                windows,
                rejects,
                printed.toString(StandardCharsets.UTF_8).lines().toList());
    }

    private static List<Path> parts(Path out, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    private static int byStartAndOrigin(String a, String b) {
        return key(a).compareTo(key(b));
    }

    private static String key(String line) {
        String[] fields = line.split(",", 3);
        return fields[0] + "," + fields[1];
    }

    /// The table's lines without the airports' names, and with numbers as the oracle writes them:
    /// `ORD 166341`.
    private static List<String> table(List<String> printed) {
        return printed.stream()
                .map(TABLE_LINE::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(1) + " " + line.group(2).replace(",", ""))
                .toList();
    }

    /// Rows of which one in three has something wrong, in order of time; some repeat an earlier
    /// row.
    private static List<String> dirtyRows(SplittableRandom random, int count) {
        List<UnaryOperator<String[]>> faults =
                List.of(
                        fields -> with(fields, 0, ""),
                        fields -> with(fields, 0, "2001-02-30T10:00"),
                        fields -> with(fields, 0, "yesterday"),
                        fields -> with(fields, 1, ""),
                        fields -> with(fields, 1, "NA"),
                        fields -> with(fields, 1, "-201"),
                        fields -> with(fields, 1, "1441"),
                        fields -> with(fields, 1, "-200"),
                        fields -> with(fields, 1, "1440"),
                        fields -> with(fields, 1, "12.5"),
                        fields -> with(fields, 2, "0"),
                        fields -> with(fields, 2, "-5"),
                        fields -> with(fields, 2, "far"),
                        fields -> with(fields, 3, ""),
                        fields -> with(fields, 3, "NA"),
                        fields -> with(fields, 3, "ORDX"),
                        fields -> with(fields, 3, "ZZ9"),
                        fields -> with(fields, 4, "O-D"),
                        fields -> with(fields, 4, "\u00c4BC"),
                        fields -> with(with(fields, 4, "?"), 1, "9999"),
                        fields -> new String[] {fields[0], fields[1]},
                        fields -> new String[] {fields[0], fields[1], fields[2], fields[3]});
        String[] origins = {"ORD", "DFW", "ATL", "SAV", "9Z9", "abe"};
        List<String> rows = new ArrayList<>();
        rows.add("date,delay,distance,origin,destination");
        int minute = 0;
        for (int i = 0; i < count; i++) {
            minute += random.nextInt(3);
            String[] fields = {
                "2001-01-%02dT%02d:%02d"
                        .formatted(1 + minute / 1440 % 28, minute / 60 % 24, minute % 60),
                String.valueOf(random.nextInt(-200, 1441) / (1 + random.nextInt(40))),
                String.valueOf(1 + random.nextInt(3)),
                origins[random.nextInt(origins.length)],
                origins[random.nextInt(origins.length)]
            };
            if (random.nextInt(3) == 0) {
                fields = faults.get(random.nextInt(faults.size())).apply(fields);
            }
            rows.add(String.join(",", fields));
            if (random.nextInt(10) == 0) {
                rows.add(rows.getLast());
            }
        }
        return rows;
    }

    private static String[] with(String[] fields, int index, String value) {
        String[] changed = fields.clone();
        changed[index] = value;
        return changed;
    }
}
