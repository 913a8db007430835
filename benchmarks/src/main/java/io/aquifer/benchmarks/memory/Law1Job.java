package io.aquifer.benchmarks.memory;

import io.aquifer.api.RestartStrategy;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.Checkpoints;
import io.aquifer.benchmarks.HotKeys;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A keyed job with a given number of keys and checkpoints, in a JVM with the launcher's flags: it
/// visits every key twice, in no order, and checks the counts.
///
/// Its own sampler writes what the ledger says; the process's size is read from outside, by
/// [Law1Benchmark].
final class Law1Job {
    private Law1Job() {}

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        long keys = arguments.number("keys", 1_000_000);
        int parallelism = Math.toIntExact(arguments.number("parallelism", 2));
        long checkpointMillis = arguments.number("checkpoint-millis", 1000);
        String file = arguments.text("samples", "");
        arguments.complete();
        SampleFile samples =
                new SampleFile(
                        "epochMillis", "managedHeld", "managedResident", "pagesResident", "held");
        JobOutcome outcome;
        long start = System.nanoTime();
        LedgerSampler sampler =
                LedgerSampler.start(
                        20,
                        ledger ->
                                samples.add(
                                        System.currentTimeMillis(),
                                        ledger.managed().heldBytes(),
                                        ledger.managed().residentBytes(),
                                        ledger.pageBytesResident(),
                                        ledger.heldBytes()));
        try (Checkpoints checkpoints = Checkpoints.ofThisRun()) {
            outcome =
                    JobOutcome.of(
                            job(keys, parallelism, checkpointMillis, checkpoints.directory()),
                            "law1");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        sampler.stop();
        Map<String, Object> values = new LinkedHashMap<>();
        outcome.addTo(values);
        values.put("seconds", seconds);
        values.put("keys", keys);
        values.put("ledgerSamples", (long) samples.size());
        if (outcome.name().equals("finished")) {
            values.put("recordsPerSecond", Math.round(2 * keys / seconds));
        }
        // Every key was counted once, then a second time: 1 + 2.
        if (outcome.name().equals("finished") && SumSink.sum() != 3 * keys) {
            throw new IllegalStateException(
                    "wrong result: the counts add up to "
                            + SumSink.sum()
                            + " instead of "
                            + 3 * keys);
        }
        System.out.println(new ResultLine(values));
        if (!file.isEmpty()) {
            samples.write(Path.of(file));
        }
    }

    private static StreamExecutionEnvironment job(
            long keys, int parallelism, long checkpointMillis, Path directory) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setStateBackend(new ManagedStateBackend(directory.toString()));
        env.enableCheckpointing(checkpointMillis);
        env.setRestartStrategy(RestartStrategy.none());
        env.setParallelism(parallelism);
        env.fromSequence(0, 2 * keys - 1)
                .map(number -> HotKeys.scattered(number % keys))
                .returns(Long.class)
                .keyBy(key -> key, TypeInformation.of(Long.class))
                .process(new CountPadded())
                .returns(Long.class)
                .sinkTo(new SumSink());
        return env;
    }
}
