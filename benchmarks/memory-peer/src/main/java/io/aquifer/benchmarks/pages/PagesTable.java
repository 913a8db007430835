package io.aquifer.benchmarks.pages;

import io.aquifer.benchmarks.Spread;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was measured, as a table for people: for each pattern and number of threads the contenders
/// with median, smallest and largest of all iterations, and their ratio to Aquifer. Used by one
/// thread.
final class PagesTable {
    private final Map<Case, List<Double>> nanos = new LinkedHashMap<>();

    /// @param iterations nanoseconds a pair of acquire and release, in each acquiring thread
    void add(Pattern pattern, int threads, Contender contender, List<Double> iterations) {
        nanos.computeIfAbsent(new Case(pattern, threads, contender), key -> new ArrayList<>())
                .addAll(iterations);
    }

    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        table.append(
                String.format(
                        Locale.ROOT,
                        "%-10s %7s %-15s %34s %14s %10s%n",
                        "pattern",
                        "threads",
                        "contender",
                        "ns a pair: median (min - max)",
                        "M pairs/s, all",
                        "x aquifer"));
        nanos.keySet().stream()
                .sorted()
                .forEach(
                        key -> {
                            Spread spread = spread(key);
                            table.append(
                                    String.format(
                                            Locale.ROOT,
                                            "%-10s %7d %-15s %34s %14.2f %10s%n",
                                            key.pattern().label(),
                                            key.threads(),
                                            key.contender().label(),
                                            String.format(
                                                    Locale.ROOT,
                                                    "%.1f (%.1f - %.1f)",
                                                    spread.median(),
                                                    spread.min(),
                                                    spread.max()),
                                            acquiring(key) * 1e3 / spread.median(),
                                            ratio(key, spread)));
                        });
        return table.toString();
    }

    private Spread spread(Case key) {
        return Spread.of(
                nanos.getOrDefault(key, List.of()).stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray());
    }

    private String ratio(Case key, Spread spread) {
        Case ours = new Case(key.pattern(), key.threads(), Contender.AQUIFER);
        return nanos.containsKey(ours)
                ? String.format(Locale.ROOT, "%.2f", spread.median() / spread(ours).median())
                : "-";
    }

    private static int acquiring(Case key) {
        return key.pattern() == Pattern.HAND_OVER ? key.threads() / 2 : key.threads();
    }

    private record Case(Pattern pattern, int threads, Contender contender)
            implements Comparable<Case> {
        @Override
        public int compareTo(Case other) {
            int byPattern = pattern.compareTo(other.pattern);
            int byThreads = Integer.compare(threads, other.threads);
            return byPattern != 0
                    ? byPattern
                    : byThreads != 0 ? byThreads : contender.compareTo(other.contender);
        }
    }
}
