package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.ForkedJvm;
import io.aquifer.benchmarks.ProcessSize;
import io.aquifer.benchmarks.ResultFile;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Does a process stay under its budget, measured from outside, whatever its state's size?
///
/// The job runs in a JVM with the flags that the launcher derives from the budget; this process
/// reads the kernel's high-water mark (`VmHWM`) and resident set of that one every 20 ms. A state
/// that does not fit must end in an explained failure, and under the budget too. `benchmarks/run
/// law1` builds the class paths and starts it.
public final class Law1Benchmark {
    private static final Duration TIMEOUT = Duration.ofHours(1);
    private static final long SAMPLE_MILLIS = 20;
    private static final int SLOTS = 2;

    /// What a Long key and its value take in the managed store: records of 8, 8 and 101 bytes, and
    /// the index.
    private static final long BYTES_PER_KEY = 128;

    private final EndToEndOptions options;
    private final ResultFile results;

    private Law1Benchmark(EndToEndOptions options) {
        this.options = options;
        this.results = new ResultFile(options.results(), options.home(), Clock.systemUTC());
    }

    public static void main(String[] arguments) throws Exception {
        EndToEndOptions options;
        try {
            options = EndToEndOptions.parse(List.of(arguments), 256, 256, "law1.jsonl");
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(
                    "usage: benchmarks/run law1 [--quick] [--mib BUDGET] [--factors"
                            + " 0.1,0.5,1,2,4,10] [--results FILE]");
            System.exit(2);
            return;
        }
        new Law1Benchmark(options).run();
    }

    private void run() throws Exception {
        List<String> flags = launcherFlags();
        List<ResultLine> lines = new ArrayList<>();
        for (double factor : options.factors()) {
            ResultLine line = measure(factor, flags);
            lines.add(line);
            Map<String, Object> values = new LinkedHashMap<>(line.values());
            values.put("jvmFlags", String.join(" ", flags));
            results.add("memory-law1", values);
        }
        System.out.print(MemoryTable.of("law1", lines));
        System.out.println("Every line of it: " + results.path());
        for (ResultLine line : lines) {
            if (line.number("peakToBudget") > 1) {
                throw new IllegalStateException(
                        "law 1 is broken: the process was larger than its budget at "
                                + line.what());
            }
        }
    }

    /// What the launcher would start a job's JVM with, one flag a line.
    private List<String> launcherFlags() throws Exception {
        List<String> command =
                List.of(
                        ForkedJvm.java(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        options.classPath("aquifer"),
                        "io.aquifer.cli.LaunchArguments",
                        options.mib() + "m",
                        Integer.toString(SLOTS));
        try (ForkedJvm jvm = ForkedJvm.start("the launcher's arithmetic", command)) {
            ForkedJvm.Output output = jvm.await(Duration.ofMinutes(1));
            if (output.exitCode() != 0) {
                throw new IllegalStateException(String.join("\n", output.lines()));
            }
            return output.lines();
        }
    }

    private ResultLine measure(double factor, List<String> flags) throws Exception {
        long budget = options.mib() * Budgets.MIB;
        String name = "law1-samples-" + factor;
        List<String> command = new ArrayList<>();
        command.add(ForkedJvm.java());
        command.addAll(flags);
        command.addAll(
                List.of(
                        "-cp",
                        options.classPath("aquifer"),
                        "io.aquifer.benchmarks.memory.Law1Job",
                        "keys=" + Math.max(1, (long) (factor * budget / BYTES_PER_KEY)),
                        "parallelism=" + SLOTS,
                        "samples=" + options.results().resolveSibling(name + "-ledger.csv")));
        SampleFile samples = new SampleFile("epochMillis", "rssBytes", "highWaterBytes");
        long peak = 0;
        ResultLine result;
        try (ForkedJvm jvm = ForkedJvm.start("state of " + factor + " budgets", command)) {
            Path status = Path.of("/proc/" + jvm.pid() + "/status");
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (jvm.isAlive() && System.nanoTime() < deadline) {
                peak = Math.max(peak, sample(status, samples));
                TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS);
            }
            result =
                    jvm.await(Duration.ofSeconds(1))
                            .results("state of " + factor + " budgets", command)
                            .getFirst();
        }
        samples.write(options.results().resolveSibling(name + "-rss.csv"));
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", "state of " + factor + " budgets");
        values.put("factor", factor);
        values.put("budgetBytes", budget);
        values.put("peakBytes", peak);
        values.put("peakToBudget", peak / (double) budget);
        values.put("rssSamples", (long) samples.size());
        values.putAll(result.values());
        return new ResultLine(values);
    }

    /// The high-water mark; 0 when the process has just ended.
    private static long sample(Path status, SampleFile samples) {
        try {
            String text = Files.readString(status);
            long peak = ProcessSize.statusBytes(text, "VmHWM:");
            if (peak > 0) {
                samples.add(
                        System.currentTimeMillis(), ProcessSize.statusBytes(text, "VmRSS:"), peak);
            }
            return peak;
        } catch (IOException ended) {
            return 0;
        }
    }
}
