package io.aquifer.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs the keyed count on every engine in turn, each round of each engine in a JVM of its own.
///
/// The order is A B C, A B C, ... so that a noisy neighbour hits all engines alike. Every round
/// ends with the check that the engine counted right; one that did not stops the benchmark. Each
/// round becomes one line of JSON in the results file, and a table is printed at the end.
/// `benchmarks/run keyed-count` builds the class paths and starts it.
public final class KeyedCountBenchmark {
    private static final long ROUND_TIMEOUT_MINUTES = 15;

    private final KeyedCountOptions options;
    private final Clock clock;
    private final PrintStream out;

    KeyedCountBenchmark(KeyedCountOptions options, Clock clock, PrintStream out) {
        this.options = options;
        this.clock = clock;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        KeyedCountOptions options;
        try {
            options = KeyedCountOptions.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(KeyedCountOptions.USAGE);
            System.exit(2);
            return;
        }
        new KeyedCountBenchmark(options, Clock.systemUTC(), System.out).run();
    }

    List<Round> run() throws Exception {
        Map<String, Object> machine = Machine.describe();
        String commit = Machine.commit(options.home());
        List<Round> rounds = new ArrayList<>();
        for (int parallelism : options.parallelisms()) {
            KeyedCountPlan plan = options.plan(parallelism);
            for (int round = 1; round <= options.rounds(); round++) {
                for (Engine engine : options.engines()) {
                    Round result = new Round(engine.name(), parallelism, round, fork(engine, plan));
                    rounds.add(result);
                    append(result, engine, plan, commit, machine);
                    out.printf(
                            "%s, parallelism %d, round %d of %d: %.2f M records/s%n",
                            engine.name(),
                            parallelism,
                            round,
                            options.rounds(),
                            result.value("recordsPerSecond") / 1e6);
                }
            }
        }
        out.println();
        out.print(RoundTable.of(rounds));
        out.println("Every line of it: " + options.results());
        return rounds;
    }

    private Map<String, Double> fork(Engine engine, KeyedCountPlan plan) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = engine.command(java, options.classPaths(), plan.toArguments());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        Thread reader =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (var input = process.inputReader(StandardCharsets.UTF_8)) {
                                        input.lines().forEach(lines::add);
                                    } catch (IOException e) {
                                        lines.add("its output could not be read: " + e);
                                    }
                                });
        try {
            if (!process.waitFor(ROUND_TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                throw new TimeoutException(
                        "engine '"
                                + engine.name()
                                + "' did not finish within "
                                + ROUND_TIMEOUT_MINUTES
                                + " minutes");
            }
            reader.join();
        } finally {
            process.destroyForcibly();
        }
        List<String> results =
                lines.stream().filter(line -> line.startsWith(Round.RESULT)).toList();
        if (process.exitValue() != 0 || results.size() != 1) {
            throw new IllegalStateException(
                    "engine '"
                            + engine.name()
                            + "' ended with code "
                            + process.exitValue()
                            + " and "
                            + results.size()
                            + " result lines. It was started with\n"
                            + String.join(" ", engine.jvmFlags())
                            + " "
                            + engine.mainClass()
                            + " "
                            + String.join(" ", plan.toArguments())
                            + "\nand printed\n"
                            + String.join("\n", lines));
        }
        return Round.parse(results.getFirst());
    }

    private void append(
            Round round,
            Engine engine,
            KeyedCountPlan plan,
            String commit,
            Map<String, Object> machine)
            throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("benchmark", "keyed-count");
        line.put("date", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        line.put("commit", commit);
        line.put("engine", round.engine());
        line.put("parallelism", round.parallelism());
        line.put("round", round.round());
        line.put("records", plan.records());
        line.put("warmup", plan.warmup());
        line.put("keys", plan.keys());
        line.put("seed", plan.seed());
        line.putAll(round.toJson());
        line.put("jvmFlags", String.join(" ", engine.jvmFlags()));
        line.put("machine", machine);
        Path parent = options.results().toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(
                options.results(),
                JsonLine.of(line) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
