package io.aquifer.benchmarks.pages;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.ForkedJvm;
import io.aquifer.benchmarks.ResultLine;

import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The safety tax: longs summed and updated, in order and at random, in kernel mode, through
/// checked views and through Flink's segments. Each in a JVM of its own, in turn, by JMH.
///
/// Prints a result line for each shape, in nanoseconds an access, with `viewToKernel` and
/// `flinkToKernel`.
public final class AccessBenchmark {
    private static final Map<String, Class<?>> CONTENDERS =
            new TreeMap<>(
                    Map.of(
                            "kernel",
                            KernelAccess.class,
                            "view",
                            ViewAccess.class,
                            "flink",
                            FlinkAccess.class));

    private AccessBenchmark() {}

    public static void main(String[] given) throws RunnerException {
        Arguments arguments = Arguments.parse(given);
        int millis = Math.toIntExact(arguments.number("millis", 1000));
        int warmups = Math.toIntExact(arguments.number("warmups", 3));
        int iterations = Math.toIntExact(arguments.number("iterations", 3));
        arguments.complete();
        System.setProperty("jmh.ignoreLock", "true");
        for (String shape :
                List.of("sequentialSum", "sequentialUpdate", "randomSum", "randomUpdate")) {
            for (String pages : List.of("8", "4096")) {
                Map<String, Object> values = new LinkedHashMap<>();
                values.put("what", shape + "-" + pages + "-pages");
                for (Map.Entry<String, Class<?>> contender : CONTENDERS.entrySet()) {
                    Options fork =
                            new OptionsBuilder()
                                    .include(
                                            contender.getValue().getName().replace(".", "\\.")
                                                    + "\\."
                                                    + shape
                                                    + "$")
                                    .param("pageCount", pages)
                                    .jvm(ForkedJvm.java())
                                    .jvmArgs(
                                            "-Xms512m",
                                            "-Xmx512m",
                                            "-XX:+UseParallelGC",
                                            "--enable-native-access=ALL-UNNAMED",
                                            "--sun-misc-unsafe-memory-access=allow")
                                    .forks(1)
                                    .threads(1)
                                    .warmupIterations(warmups)
                                    .warmupTime(TimeValue.milliseconds(millis))
                                    .measurementIterations(iterations)
                                    .measurementTime(TimeValue.milliseconds(millis))
                                    .shouldFailOnError(true)
                                    .verbosity(VerboseMode.SILENT)
                                    .build();
                    RunResult result = new Runner(fork).runSingle();
                    values.put(contender.getKey() + "Nanos", result.getPrimaryResult().getScore());
                }
                ResultLine measured = new ResultLine(values);
                double kernel = measured.number("kernelNanos");
                values.put("viewToKernel", measured.number("viewNanos") / kernel);
                values.put("flinkToKernel", measured.number("flinkNanos") / kernel);
                System.out.println(new ResultLine(values));
            }
        }
    }
}
