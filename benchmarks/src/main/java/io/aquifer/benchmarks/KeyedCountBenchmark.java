package io.aquifer.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs the keyed count on every engine in turn, each round of each engine in a JVM of its own.
///
/// The order is A B C, A B C, ... so that a noisy neighbour hits all engines alike. Every round
/// ends with the check that the engine counted right; one that did not stops the benchmark. Each
/// round becomes one line of JSON in the results file, and a table is printed at the end.
/// `benchmarks/run keyed-count` builds the class paths and starts it.
public final class KeyedCountBenchmark {
    private static final Duration ROUND_TIMEOUT = Duration.ofMinutes(15);

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
        ResultFile results = new ResultFile(options.results(), options.home(), clock);
        List<Round> rounds = new ArrayList<>();
        for (int parallelism : options.parallelisms()) {
            KeyedCountPlan plan = options.plan(parallelism);
            for (int round = 1; round <= options.rounds(); round++) {
                for (Engine engine : options.engines()) {
                    Round result = new Round(engine.name(), parallelism, round, fork(engine, plan));
                    rounds.add(result);
                    append(results, result, engine, plan);
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
        List<String> command =
                engine.command(ForkedJvm.java(), options.classPaths(), plan.toArguments());
        ForkedJvm.Output output;
        try (ForkedJvm jvm = ForkedJvm.start("engine '" + engine.name() + "'", command)) {
            output = jvm.await(ROUND_TIMEOUT);
        }
        List<String> lines = output.lines();
        List<String> results =
                lines.stream().filter(line -> line.startsWith(Round.RESULT)).toList();
        if (output.exitCode() != 0 || results.size() != 1) {
            throw new IllegalStateException(
                    "engine '"
                            + engine.name()
                            + "' ended with code "
                            + output.exitCode()
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

    private static void append(ResultFile results, Round round, Engine engine, KeyedCountPlan plan)
            throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("engine", round.engine());
        values.put("parallelism", round.parallelism());
        values.put("round", round.round());
        values.put("records", plan.records());
        values.put("warmup", plan.warmup());
        values.put("keys", plan.keys());
        values.put("seed", plan.seed());
        values.putAll(round.toJson());
        values.put("jvmFlags", String.join(" ", engine.jvmFlags()));
        results.add("keyed-count", values);
    }
}
