package io.aquifer.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The rounds as a table for people: medians with the smallest and the largest, and ratios to the
/// best peer.
final class RoundTable {
    private RoundTable() {}

    static String of(List<Round> rounds) {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format(
                        Locale.ROOT,
                        "%-15s %3s %6s %28s %16s %10s %9s %12s%n",
                        "engine",
                        "par",
                        "rounds",
                        "M rec/s median (min-max)",
                        "CPU s / M rec",
                        "RSS MiB",
                        "GC ms",
                        "longest ms"));
        int[] parallelisms = rounds.stream().mapToInt(Round::parallelism).distinct().toArray();
        List<String> engines = rounds.stream().map(Round::engine).distinct().toList();
        for (int parallelism : parallelisms) {
            for (String engine : engines) {
                double[] rates = sorted(rounds, engine, parallelism, "recordsPerSecond");
                if (rates.length == 0) {
                    continue;
                }
                double[] records = sorted(rounds, engine, parallelism, "measuredRecords");
                double[] rss = sorted(rounds, engine, parallelism, "peakRssBytes");
                table.append(
                        String.format(
                                Locale.ROOT,
                                "%-15s %3d %6d %10.2f (%6.2f - %6.2f) %16.3f %10.0f %9.0f %12.0f%n",
                                engine,
                                parallelism,
                                rates.length,
                                median(rates) / 1e6,
                                rates[0] / 1e6,
                                rates[rates.length - 1] / 1e6,
                                median(sorted(rounds, engine, parallelism, "cpuSeconds"))
                                        / median(records)
                                        * 1e6,
                                rss[rss.length - 1] / (1 << 20),
                                median(sorted(rounds, engine, parallelism, "gcMillis")),
                                last(sorted(rounds, engine, parallelism, "longestGcPauseMillis"))));
            }
            ratio(rounds, parallelism).ifPresent(table::append);
        }
        return table.toString();
    }

    /// How Aquifer's median compares with the best median of a Flink configuration in the same run.
    static Optional<String> ratio(List<Round> rounds, int parallelism) {
        double[] ours = sorted(rounds, "aquifer", parallelism, "recordsPerSecond");
        Optional<String> best =
                rounds.stream()
                        .map(Round::engine)
                        .distinct()
                        .filter(engine -> engine.startsWith("flink"))
                        .filter(
                                engine ->
                                        sorted(rounds, engine, parallelism, "recordsPerSecond")
                                                        .length
                                                > 0)
                        .max(
                                (a, b) ->
                                        Double.compare(
                                                medianRate(rounds, a, parallelism),
                                                medianRate(rounds, b, parallelism)));
        if (ours.length == 0 || best.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "parallelism %d: aquifer does %.2f times the records per second of %s%n",
                        parallelism,
                        median(ours) / medianRate(rounds, best.get(), parallelism),
                        best.get()));
    }

    private static double medianRate(List<Round> rounds, String engine, int parallelism) {
        return median(sorted(rounds, engine, parallelism, "recordsPerSecond"));
    }

    private static double[] sorted(
            List<Round> rounds, String engine, int parallelism, String name) {
        return rounds.stream()
                .filter(
                        round ->
                                round.engine().equals(engine) && round.parallelism() == parallelism)
                .mapToDouble(round -> round.value(name))
                .sorted()
                .toArray();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double last(double[] values) {
        return values[values.length - 1];
    }
}
