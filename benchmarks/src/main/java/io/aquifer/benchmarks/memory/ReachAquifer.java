package io.aquifer.benchmarks.memory;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.HotKeys;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;
import io.aquifer.memory.Holder;
import io.aquifer.memory.MemoryStatistics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A keyed job on Aquifer whose keys nearly all land in the first of its subtasks, until something
/// is spilled: how much did that one get to hold before?
///
/// The budget is given by the JVM's flags, as the launcher gives it.
final class ReachAquifer {
    /// Keys below this go to all subtasks: the others have work, but little.
    static final long KEYS_FOR_ALL = 4096;

    /// Once something was spilled, nothing more comes from the source.
    private static volatile boolean spilled;

    private static final Pattern SUBTASK = Pattern.compile("\\((\\d+)/\\d+\\)");

    private final SampleFile samples = new SampleFile("millis", "task", "bytes");
    private final long[] most;
    private final long start = System.nanoTime();
    private final Path spill;
    private double spilledMillis;
    private long totalBytes;
    private long heldMax;

    private ReachAquifer(int slots, Path spill) {
        this.spill = spill;
        most = new long[slots];
    }

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        int slots = Math.toIntExact(arguments.number("slots", 4));
        long records = arguments.number("records", 400_000_000);
        Path spill = Files.createTempDirectory("aquifer-reach");
        System.setProperty("aquifer.spill.dir", spill.toString());
        long interval = arguments.number("sample-millis", 50);
        String file = arguments.text("samples", "");
        arguments.complete();
        ReachAquifer reach = new ReachAquifer(slots, spill);
        LedgerSampler sampler = LedgerSampler.start(interval, reach::sample);
        JobOutcome outcome = JobOutcome.of(job(slots, records), "reach");
        sampler.stop();
        Files.delete(spill);
        System.out.println(reach.result(outcome));
        if (!file.isEmpty()) {
            reach.samples.write(Path.of(file));
        }
    }

    private static StreamExecutionEnvironment job(int slots, long records) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setStateBackend(new ManagedStateBackend());
        env.setParallelism(slots);
        env.fromSequence(0, records - 1)
                .filter(
                        key ->
                                !spilled
                                        && (key < KEYS_FOR_ALL
                                                || HotKeys.subtaskOf(key, slots) == 0))
                .keyBy(key -> key, TypeInformation.of(Long.class))
                .process(new CountKeys())
                .returns(Long.class)
                .sinkTo(new SumSink());
        return env;
    }

    private void sample(MemoryStatistics ledger) {
        long[] held = new long[most.length];
        for (Holder holder : ledger.holders()) {
            Matcher subtask = SUBTASK.matcher(holder.owner());
            if (holder.pool().equals("managed") && subtask.find()) {
                int index = Integer.parseInt(subtask.group(1)) - 1;
                if (index < held.length) {
                    held[index] += holder.bytes();
                }
            }
        }
        double millis = (System.nanoTime() - start) / 1e6;
        for (int task = 0; task < held.length; task++) {
            samples.add(millis, task + 1, held[task]);
            most[task] = Math.max(most[task], held[task]);
        }
        if (!spilled && hasSpilled()) {
            spilled = true;
            spilledMillis = millis;
        }
        totalBytes = ledger.managed().limitBytes() + ledger.reserveBytes();
        heldMax = ledger.managed().heldBytesMax();
    }

    private boolean hasSpilled() {
        try (Stream<Path> files = Files.walk(spill)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("run-"));
        } catch (IOException | UncheckedIOException changing) {
            return false;
        }
    }

    private ResultLine result(JobOutcome outcome) {
        long others = 0;
        for (int task = 1; task < most.length; task++) {
            others += most[task];
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", "aquifer");
        values.put("managedBytes", totalBytes);
        // The last sample may be up to an interval before the spill; the pool's own maximum is not.
        values.put("hotBytes", heldMax - others);
        values.put("hotShare", (heldMax - others) / (double) totalBytes);
        values.put("hotBytesSampled", most[0]);
        values.put("othersBytes", others);
        values.put("spilledMillis", spilledMillis);
        outcome.addTo(values);
        return new ResultLine(values);
    }
}
