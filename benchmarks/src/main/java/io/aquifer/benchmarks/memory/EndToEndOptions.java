package io.aquifer.benchmarks.memory;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How `reach` and `law1` are to be run, from the command line.
///
/// @param home the source tree's root
/// @param results the file that gets one line of JSON a result; raw samples and pictures go beside
///   it
/// @param mib the memory that is given
/// @param factors how large the state is, in budgets
/// @param quick whether it only has to work
/// @param classPaths by name
record EndToEndOptions(
        Path home,
        Path results,
        long mib,
        List<Double> factors,
        boolean quick,
        Map<String, String> classPaths) {
    /// @param defaultMib the memory when none is given
    /// @param quickMib the same with `--quick`
    /// @param file the results' name when none is given
    static EndToEndOptions parse(
            List<String> arguments, long defaultMib, long quickMib, String file) {
        boolean quick = arguments.contains("--quick");
        Path home = Path.of("").toAbsolutePath();
        @Nullable Path results = null;
        long mib = quick ? quickMib : defaultMib;
        List<Double> factors = quick ? List.of(0.05, 0.5) : List.of(0.1, 0.5, 1.0, 2.0, 4.0, 10.0);
        Map<String, String> classPaths = new LinkedHashMap<>();
        var rest = arguments.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (option.equals("--quick")) {
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
                case "--mib" -> mib = (long) positive(option, value);
                case "--factors" ->
                        factors =
                                Arrays.stream(value.split(",", -1))
                                        .map(factor -> positive(option, factor))
                                        .toList();
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
        return new EndToEndOptions(
                home,
                results == null
                        ? home.resolve(quick ? "benchmarks/target" : "benchmarks/results")
                                .resolve(file)
                        : results,
                mib,
                factors,
                quick,
                Map.copyOf(classPaths));
    }

    /// @throws IllegalArgumentException if it was not given
    String classPath(String name) {
        String path = classPaths.get(name);
        if (path == null) {
            throw new IllegalArgumentException(
                    "--class-path " + name + "=... is missing; given are " + classPaths.keySet());
        }
        return path;
    }

    private static double positive(String option, String value) {
        try {
            double number = Double.parseDouble(value);
            if (number > 0 && number < 1e9) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(option + " needs a number above 0, not '" + value + "'");
    }
}
