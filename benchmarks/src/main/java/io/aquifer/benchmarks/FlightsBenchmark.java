package io.aquifer.benchmarks;

import com.sun.management.OperatingSystemMXBean;

import io.aquifer.examples.Flights;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The whole `Flights` job over 3,000,000 rows of Parquet, again and again in one process: from
/// opening the file to parts that have their names. The first run is the cold one: most of its time
/// goes to loading and compiling.
public final class FlightsBenchmark {
    private static final long ROWS = 3_000_000;

    private FlightsBenchmark() {}

    /// @param arguments the source tree's root, how many runs, and the file to add results to
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        int runs = Integer.parseInt(arguments[1]);
        Path results = Path.of(arguments[2]);
        Path output = Files.createTempDirectory("flights-benchmark");
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        PrintStream console = System.out;
        List<Double> warm = new ArrayList<>();
        for (int run = 1; run <= runs; run++) {
            System.setOut(
                    new PrintStream(
                            OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
            long start = System.nanoTime();
            long cpu = system.getProcessCpuTime();
            Flights.main(
                    new String[] {
                        "--input",
                        home.resolve("examples/data/flights-3m.parquet").toString(),
                        "--output",
                        output.toString()
                    });
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
            System.setOut(console);
            console.printf(
                    Locale.ROOT,
                    "run %d: %.2f s, %.2f M rows/s, %.2f s of CPU%n",
                    run,
                    seconds,
                    ROWS / seconds / 1e6,
                    cpuSeconds);
            write(home, results, run, seconds, cpuSeconds);
            if (run > 2) {
                warm.add(ROWS / seconds / 1e6);
            }
        }
        if (!warm.isEmpty()) {
            warm.sort(null);
            console.printf(
                    Locale.ROOT,
                    "from the third run on: median %.2f M rows/s (%.2f - %.2f)%n",
                    warm.get(warm.size() / 2),
                    warm.getFirst(),
                    warm.getLast());
        }
        for (String part : List.of("windows", "rejects")) {
            for (int i = 0; i < 64; i++) {
                Files.deleteIfExists(output.resolve(part + "-" + i + ".csv"));
            }
            Files.deleteIfExists(output.resolve("." + part + ".csv.manifest"));
            Files.deleteIfExists(output.resolve("." + part + ".csv.lock"));
        }
        Files.deleteIfExists(output);
    }

    private static void write(Path home, Path results, int run, double seconds, double cpuSeconds)
            throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("benchmark", "flights-3m");
        line.put("date", Instant.now().toString());
        line.put("commit", Machine.commit(home));
        line.put("run", (long) run);
        line.put("parallelism", (long) Integer.getInteger("aquifer.parallelism"));
        line.put("rows", ROWS);
        line.put("seconds", seconds);
        line.put("cpuSeconds", cpuSeconds);
        line.put("rowsPerSecond", Math.round(ROWS / seconds));
        line.put(
                "jvmFlags",
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(flag -> !flag.startsWith("-D"))
                        .collect(Collectors.joining(" ")));
        line.put("machine", Machine.describe());
        Files.writeString(
                results,
                JsonLine.of(line) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
