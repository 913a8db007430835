package io.aquifer.benchmarks;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How the keyed count is to be run, from the command line.
///
/// @param home the source tree's root
/// @param results the file that gets one line of JSON a round
/// @param engines which engines, in the order in which they take turns
/// @param classPaths the class paths the engines run on, by name
/// @param parallelisms which parallelisms, one after the other
/// @param rounds how many times every engine runs at every parallelism
/// @param records how many records a round has
/// @param warmup how many of them pass before measuring starts
/// @param keys how many different keys there are
/// @param seed where the keys come from
record KeyedCountOptions(
        Path home,
        Path results,
        List<Engine> engines,
        Map<String, String> classPaths,
        List<Integer> parallelisms,
        int rounds,
        long records,
        long warmup,
        int keys,
        long seed) {
    static final String USAGE =
            """
            usage: benchmarks/run keyed-count [options]
              --quick             one round of 3 million records: does it still work?
              --engines A,B       of aquifer, aquifer-checkpoints, flink-parallel, flink-g1, array
                                  (default: aquifer,flink-parallel,flink-g1)
              --parallelism 1,2   (default: 1,2)
              --rounds N          of every engine at every parallelism (default: 5)
              --records N         a round, of which the first third is warm-up (default: 30000000)
              --keys N            different keys (default: 1000000)
              --seed N            where the keys come from (default: 1)
              --results FILE      one line of JSON a round is added (default: benchmarks/results/keyed-count.jsonl)\
            """;

    static KeyedCountOptions parse(List<String> arguments) {
        Path home = Path.of("").toAbsolutePath();
        @Nullable Path results = null;
        List<String> engines = List.of("aquifer", "flink-parallel", "flink-g1");
        Map<String, String> classPaths = new LinkedHashMap<>();
        List<Integer> parallelisms = List.of(1, 2);
        long rounds = 5;
        long records = 30_000_000;
        long keys = 1_000_000;
        long seed = 1;
        var rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (option.equals("--quick")) {
                rounds = 1;
                records = 3_000_000;
                continue;
            }
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(
                        "'" + option + "' is no option, or its value is missing");
            }
            String value = rest.next();
            switch (option) {
                case "--home" -> home = Path.of(value);
                case "--results" -> results = Path.of(value);
                case "--engines" -> engines = List.of(value.split(",", -1));
                case "--parallelism" -> {
                    List<Integer> given = new ArrayList<>();
                    for (String part : value.split(",", -1)) {
                        given.add(Math.toIntExact(positive(option, part)));
                    }
                    parallelisms = List.copyOf(given);
                }
                case "--rounds" -> rounds = positive(option, value);
                case "--records" -> records = positive(option, value);
                case "--keys" -> keys = positive(option, value);
                case "--seed" -> seed = positive(option, value);
                case "--class-path" -> {
                    int equals = value.indexOf('=');
                    if (equals < 0) {
                        throw new IllegalArgumentException(
                                "--class-path needs name=path, not '" + value + "'");
                    }
                    classPaths.put(value.substring(0, equals), value.substring(equals + 1));
                }
                default -> throw new IllegalArgumentException("'" + option + "' is no option");
            }
        }
        return new KeyedCountOptions(
                home,
                results == null ? home.resolve("benchmarks/results/keyed-count.jsonl") : results,
                engines.stream().map(KeyedCountOptions::engine).toList(),
                Map.copyOf(classPaths),
                parallelisms,
                Math.toIntExact(rounds),
                records,
                records / 3,
                Math.toIntExact(keys),
                seed);
    }

    KeyedCountPlan plan(int parallelism) {
        return new KeyedCountPlan(records, warmup, keys, parallelism, seed);
    }

    private static Engine engine(String name) {
        return Engine.KEYED_COUNT.stream()
                .filter(engine -> engine.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no engine '"
                                                + name
                                                + "'; there are "
                                                + Engine.KEYED_COUNT.stream()
                                                        .map(Engine::name)
                                                        .toList()));
    }

    private static long positive(String option, String value) {
        try {
            long number = Long.parseLong(value);
            if (number >= 1 && number <= 1_000_000_000_000L) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                option + " needs a whole number of at least 1, not '" + value + "'");
    }
}
