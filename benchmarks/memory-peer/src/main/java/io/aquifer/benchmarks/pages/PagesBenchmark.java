package io.aquifer.benchmarks.pages;

import io.aquifer.benchmarks.ForkedJvm;
import io.aquifer.benchmarks.ResultFile;

import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Pages of 32 KiB taken and given back, by Aquifer and its peers in turn, by JMH.
///
/// Each contender has a JVM of its own in each round, so that no profile mixes, and the contenders
/// take turns (A B C, A B C, ...), so that a noisy neighbour hits all alike. `benchmarks/run pages`
/// builds the class path and starts it.
public final class PagesBenchmark {
    private final PagesOptions options;
    private final PrintStream out;

    private PagesBenchmark(PagesOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        PagesOptions options;
        try {
            options = PagesOptions.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(PagesOptions.USAGE);
            System.exit(2);
            return;
        }
        new PagesBenchmark(options, System.out).run();
    }

    private void run() throws RunnerException, IOException {
        System.setProperty("jmh.ignoreLock", "true");
        ResultFile results = new ResultFile(options.results(), options.home(), Clock.systemUTC());
        PagesTable table = new PagesTable();
        for (int round = 1; round <= options.rounds(); round++) {
            for (Pattern pattern : options.patterns()) {
                for (int threads : options.threads()) {
                    if (!pattern.canRunWith(threads)) {
                        continue;
                    }
                    for (Contender contender : options.contenders()) {
                        List<Double> nanos = fork(contender, pattern, threads);
                        table.add(pattern, threads, contender, nanos);
                        results.add("pages", line(contender, pattern, threads, round, nanos));
                    }
                }
                out.printf("round %d of %d: %s done%n", round, options.rounds(), pattern.label());
            }
        }
        out.println();
        out.print(table);
        out.println("Every line of it: " + results.path());
    }

    /// Nanoseconds a pair in each iteration of one fork.
    private List<Double> fork(Contender contender, Pattern pattern, int threads)
            throws RunnerException {
        Options fork =
                new OptionsBuilder()
                        .include(pattern.include(contender.benchmark()))
                        .jvm(ForkedJvm.java())
                        .jvmArgs(contender.flags().toArray(String[]::new))
                        .forks(1)
                        .threads(threads)
                        .warmupIterations(options.warmups())
                        .warmupTime(TimeValue.milliseconds(options.millis()))
                        .measurementIterations(options.iterations())
                        .measurementTime(TimeValue.milliseconds(options.millis()))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build();
        List<Double> nanos = new ArrayList<>();
        for (RunResult run : new Runner(fork).run()) {
            for (BenchmarkResult result : run.getBenchmarkResults()) {
                for (IterationResult iteration : result.getIterationResults()) {
                    nanos.add(score(iteration, pattern).getScore());
                }
            }
        }
        if (nanos.size() != options.iterations()) {
            throw new IllegalStateException(
                    contender.label()
                            + ", "
                            + pattern.label()
                            + ", "
                            + threads
                            + " threads: "
                            + nanos.size()
                            + " iterations instead of "
                            + options.iterations());
        }
        return nanos;
    }

    /// A page handed over is one page acquired, so its acquirer's time is the pair's.
    @SuppressWarnings("rawtypes") // JMH's own
    private static Result score(IterationResult iteration, Pattern pattern) {
        if (pattern != Pattern.HAND_OVER) {
            return iteration.getPrimaryResult();
        }
        Result acquirer = iteration.getSecondaryResults().get("acquirer");
        if (acquirer == null) {
            throw new IllegalStateException(
                    "no acquirer among " + iteration.getSecondaryResults().keySet());
        }
        return acquirer;
    }

    private Map<String, Object> line(
            Contender contender, Pattern pattern, int threads, int round, List<Double> nanos) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("contender", contender.label());
        line.put("pattern", pattern.label());
        line.put("threads", threads);
        line.put("round", round);
        line.put("nanosPerPair", nanos);
        line.put("warmups", options.warmups());
        line.put("iterationMillis", options.millis());
        line.put("jvmFlags", String.join(" ", contender.flags()));
        return line;
    }
}
