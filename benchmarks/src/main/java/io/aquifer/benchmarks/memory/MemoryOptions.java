package io.aquifer.benchmarks.memory;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How the memory measurements are to be run, from the command line.
///
/// @param home the source tree's root
/// @param results the file that gets one line of JSON a result; raw samples go beside it
/// @param measurements which, one after the other
/// @param rounds of each, or 0 for as many as it has by itself
/// @param quick whether they only have to work
/// @param arguments for the measurement's own JVMs
/// @param classPaths by name
record MemoryOptions(
        Path home,
        Path results,
        List<Measurement> measurements,
        int rounds,
        boolean quick,
        List<String> arguments,
        Map<String, String> classPaths) {
    static final String USAGE =
            """
            usage: benchmarks/run memory [NAME ...] [options] [argument=value ...]
              NAME            of start, grants, reclaims, task-end, churn, access, fairness, state, state-g1,
                              state-snapshot (default: all)
              --quick         one short round each: does it still work?
              --rounds N      of each (default: 1 to 9, see benchmarks/README.md)
              --results FILE  one line of JSON a result is added, raw samples go beside it
                              (default: benchmarks/results/memory.jsonl; with --quick benchmarks/target/memory.jsonl)
              argument=value  for one measurement alone, such as churn gib=2048 or fairness policy=elastic\
            """;

    static MemoryOptions parse(List<String> given) {
        Path home = Path.of("").toAbsolutePath();
        @Nullable Path results = null;
        List<Measurement> measurements = new ArrayList<>();
        int rounds = 0;
        boolean quick = false;
        List<String> arguments = new ArrayList<>();
        Map<String, String> classPaths = new LinkedHashMap<>();
        var rest = given.iterator();
        while (rest.hasNext()) {
            String word = rest.next();
            if (word.equals("--quick")) {
                quick = true;
            } else if (word.startsWith("--")) {
                if (!rest.hasNext()) {
                    throw new IllegalArgumentException(
                            "'" + word + "' is no option, or its value is missing");
                }
                String value = rest.next();
                switch (word) {
                    case "--home" -> home = Path.of(value);
                    case "--results" -> results = Path.of(value);
                    case "--rounds" -> rounds = rounds(value);
                    case "--class-path" -> {
                        int equals = value.indexOf('=');
                        if (equals < 0) {
                            throw new IllegalArgumentException(
                                    "--class-path needs name=path, not '" + value + "'");
                        }
                        classPaths.put(value.substring(0, equals), value.substring(equals + 1));
                    }
                    default -> throw new IllegalArgumentException("'" + word + "' is no option");
                }
            } else if (word.indexOf('=') > 0) {
                arguments.add(word);
            } else {
                measurements.add(Measurement.named(word));
            }
        }
        if (!arguments.isEmpty() && measurements.size() != 1) {
            throw new IllegalArgumentException(
                    "'"
                            + arguments.getFirst()
                            + "' is for one measurement alone; name it, and no other");
        }
        return new MemoryOptions(
                home,
                results == null
                        ? home.resolve(
                                quick
                                        ? "benchmarks/target/memory.jsonl"
                                        : "benchmarks/results/memory.jsonl")
                        : results,
                measurements.isEmpty() ? Measurement.ALL : List.copyOf(measurements),
                rounds,
                quick,
                List.copyOf(arguments),
                Map.copyOf(classPaths));
    }

    int rounds(Measurement measurement) {
        return rounds > 0 ? rounds : quick ? 1 : measurement.rounds();
    }

    private static int rounds(String value) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "--rounds needs a whole number of at least 1, not '" + value + "'");
    }
}
