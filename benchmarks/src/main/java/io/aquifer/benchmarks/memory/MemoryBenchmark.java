package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.ForkedJvm;
import io.aquifer.benchmarks.ResultFile;
import io.aquifer.benchmarks.ResultLine;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs the memory measurements, every variant of every round in a JVM of its own.
///
/// Each result becomes one line of JSON in the results file; a table of medians is printed at the
/// end of each measurement. `benchmarks/run memory` builds the class paths and starts it.
public final class MemoryBenchmark {
    private static final Duration TIMEOUT = Duration.ofHours(6);

    private final MemoryOptions options;
    private final Clock clock;
    private final PrintStream out;

    MemoryBenchmark(MemoryOptions options, Clock clock, PrintStream out) {
        this.options = options;
        this.clock = clock;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        MemoryOptions options;
        try {
            options = MemoryOptions.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(MemoryOptions.USAGE);
            System.exit(2);
            return;
        }
        new MemoryBenchmark(options, Clock.systemUTC(), System.out).run();
    }

    void run() throws Exception {
        ResultFile file = new ResultFile(options.results(), options.home(), clock);
        for (Measurement measurement : options.measurements()) {
            List<ResultLine> results = new ArrayList<>();
            for (int round = 1; round <= options.rounds(measurement); round++) {
                for (List<String> variant : measurement.variants()) {
                    List<String> arguments = arguments(measurement, variant, round);
                    for (ResultLine result : fork(measurement, arguments)) {
                        results.add(result);
                        Map<String, Object> line = new LinkedHashMap<>();
                        line.put("round", round);
                        line.put("arguments", String.join(" ", arguments));
                        line.putAll(result.values());
                        line.put("jvmFlags", String.join(" ", measurement.jvmFlags()));
                        file.add("memory-" + measurement.name(), line);
                    }
                }
            }
            out.print(MemoryTable.of(measurement.name(), results));
            out.println();
        }
        out.println("Every line of it: " + file.path());
    }

    private List<String> arguments(Measurement measurement, List<String> variant, int round) {
        List<String> arguments =
                new ArrayList<>(
                        measurement.arguments(variant, options.quick(), options.arguments()));
        if (measurement.hasSamples()) {
            String name = "memory-" + measurement.name() + "-samples-" + round + ".csv";
            Path samples = options.results().resolveSibling(name);
            arguments.add("samples=" + samples);
        }
        return arguments;
    }

    private List<ResultLine> fork(Measurement measurement, List<String> arguments)
            throws Exception {
        String name = "measurement '" + measurement.name() + "'";
        List<String> command =
                measurement.command(ForkedJvm.java(), options.classPaths(), arguments);
        try (ForkedJvm jvm = ForkedJvm.start(name, command)) {
            return jvm.await(TIMEOUT).results(name, command);
        }
    }
}
