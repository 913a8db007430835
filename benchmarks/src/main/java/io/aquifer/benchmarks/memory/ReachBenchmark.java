package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.FlinkFlags;
import io.aquifer.benchmarks.ForkedJvm;
import io.aquifer.benchmarks.ResultFile;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;
import io.aquifer.benchmarks.TimeChart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// How far one hot task of four slots gets in the same managed memory, on Aquifer and on Flink, and
/// two pictures of it over time.
///
/// `benchmarks/run reach` builds the class paths and starts it.
public final class ReachBenchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(15);
    private static final int SLOTS = 4;

    private final EndToEndOptions options;
    private final ResultFile results;

    private ReachBenchmark(EndToEndOptions options) {
        this.options = options;
        this.results = new ResultFile(options.results(), options.home(), Clock.systemUTC());
    }

    public static void main(String[] arguments) throws Exception {
        EndToEndOptions options;
        try {
            options = EndToEndOptions.parse(List.of(arguments), 256, 64, "reach.jsonl");
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(
                    "usage: benchmarks/run reach [--quick] [--mib MANAGED_MEMORY] [--results"
                            + " FILE]");
            System.exit(2);
            return;
        }
        new ReachBenchmark(options).run();
    }

    private void run() throws Exception {
        long managed = options.mib() * Budgets.MIB;
        ResultLine aquifer =
                fork("aquifer", "io.aquifer.benchmarks.memory.ReachAquifer", aquiferFlags(managed));
        List<String> flags = new ArrayList<>(FlinkFlags.ON_25);
        flags.addAll(List.of("-Xmx2g", "-XX:+UseParallelGC", "-XX:MaxDirectMemorySize=1g"));
        ResultLine flink = fork("flink", "io.aquifer.benchmarks.flink.ReachFlink", flags);
        Path picture = options.results().resolveSibling("reach.svg");
        Files.writeString(
                picture,
                new TimeChart(
                                "One hot task of four slots, %d MiB of managed memory"
                                        .formatted(options.mib()),
                                List.of(
                                        panel("Aquifer", "aquifer", managed, aquifer),
                                        panel("Apache Flink 2.3", "flink", managed, flink)))
                        .toSvg());
        System.out.print(MemoryTable.of("reach", List.of(aquifer, flink)));
        System.out.println("The pictures: " + picture);
        System.out.println("Every line of it: " + results.path());
    }

    /// As the launcher would: the network keeps what it has, so what is measured is managed memory
    /// alone.
    private static List<String> aquiferFlags(long managed) {
        long network = 16 * Budgets.MIB;
        long operation = 64 * Budgets.MIB;
        return List.of(
                "-Xmx512m",
                "-XX:+UseParallelGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=deny",
                "-Daquifer.memory.size=" + (managed + network + operation),
                "-Daquifer.memory.managed.size=" + managed,
                "-Daquifer.memory.managed.heap.size=0",
                "-Daquifer.memory.operation.size=" + operation,
                "-Daquifer.memory.network.size=" + network,
                "-Daquifer.memory.network.min=" + network,
                "-Daquifer.memory.reserve.size=0");
    }

    private ResultLine fork(String engine, String mainClass, List<String> flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(ForkedJvm.java());
        command.addAll(flags);
        command.addAll(List.of("-cp", options.classPath(engine), mainClass));
        command.add("slots=" + SLOTS);
        if (engine.equals("flink")) {
            command.add("managed-mib=" + options.mib());
        }
        command.add("samples=" + samples(engine));
        String name = "reach on '" + engine + "'";
        try (ForkedJvm jvm = ForkedJvm.start(name, command)) {
            ResultLine result = jvm.await(TIMEOUT).results(name, command).getFirst();
            Map<String, Object> line = new LinkedHashMap<>(result.values());
            line.put("slots", SLOTS);
            line.put("jvmFlags", String.join(" ", flags));
            results.add("memory-reach", line);
            return result;
        }
    }

    private Path samples(String engine) {
        return options.results().resolveSibling("reach-samples-" + engine + ".csv");
    }

    private TimeChart.Panel panel(String title, String engine, long managed, ResultLine result)
            throws IOException {
        Map<Integer, List<TimeChart.Point>> tasks = new TreeMap<>();
        for (String[] sample : SampleFile.read(samples(engine))) {
            tasks.computeIfAbsent(Integer.valueOf(sample[1]), key -> new ArrayList<>())
                    .add(
                            new TimeChart.Point(
                                    Double.parseDouble(sample[0]) / 1e3,
                                    Double.parseDouble(sample[2])));
        }
        List<TimeChart.Line> lines = new ArrayList<>();
        tasks.forEach(
                (task, points) ->
                        lines.add(
                                new TimeChart.Line(
                                        "task " + task + (task == 1 ? " (hot)" : ""), points)));
        return new TimeChart.Panel(
                String.format(
                        Locale.ROOT,
                        "%s: the hot task held %.0f MiB, %.0f %% of managed memory",
                        title,
                        result.number("hotBytes") / Budgets.MIB,
                        result.number("hotShare") * 100),
                lines,
                List.of(
                        new TimeChart.Limit("managed memory", managed),
                        new TimeChart.Limit("a quarter of it", managed / 4.0)));
    }
}
