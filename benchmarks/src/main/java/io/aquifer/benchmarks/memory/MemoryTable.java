package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.Spread;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Results of one measurement as a table for people: each figure's median over the rounds, with the
/// smallest and the largest; texts as the last round told them.
final class MemoryTable {
    private MemoryTable() {}

    static String of(String measurement, List<ResultLine> results) {
        StringBuilder table = new StringBuilder();
        for (String what : results.stream().map(ResultLine::what).distinct().toList()) {
            List<ResultLine> rounds =
                    results.stream().filter(result -> result.what().equals(what)).toList();
            table.append(measurement)
                    .append(what.isEmpty() ? "" : " " + what)
                    .append(", ")
                    .append(rounds.size())
                    .append(rounds.size() == 1 ? " round" : " rounds")
                    .append(": median (min - max)\n");
            append(table, rounds);
        }
        return table.toString();
    }

    private static void append(StringBuilder table, List<ResultLine> rounds) {
        Map<String, List<Double>> numbers = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        for (ResultLine round : rounds) {
            round.values()
                    .forEach(
                            (name, value) -> {
                                if (value instanceof Number number) {
                                    numbers.computeIfAbsent(name, key -> new ArrayList<>())
                                            .add(number.doubleValue());
                                } else if (!name.equals("what")) {
                                    texts.put(name, String.valueOf(value));
                                }
                            });
        }
        numbers.forEach(
                (name, values) ->
                        table.append(
                                String.format(
                                        Locale.ROOT,
                                        "  %-28s %s%n",
                                        name,
                                        Spread.of(
                                                values.stream()
                                                        .mapToDouble(Double::doubleValue)
                                                        .toArray()))));
        texts.forEach(
                (name, text) ->
                        table.append("  ").append(name).append(": ").append(text).append('\n'));
    }
}
