package io.aquifer.examples;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The options of an example's command line: `--name value`, each at most once.
record Arguments(Map<String, String> values) {
    /// @throws IllegalArgumentException for an option that is not one of `known` or has no value
    static Arguments parse(String[] args, List<String> known) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i].startsWith("--") ? args[i].substring(2) : "";
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "unknown option '"
                                + args[i]
                                + "'; this job knows --"
                                + String.join(", --", known));
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException("option '" + args[i] + "' needs a value");
            }
            values.put(name, args[i + 1]);
        }
        return new Arguments(values);
    }

    Path path(String name, Path otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : Path.of(value);
    }

    /// A number of at least 1, or 0 when the option was not given.
    long count(String name) {
        String value = values.get(name);
        if (value == null) {
            return 0;
        }
        try {
            long count = Long.parseLong(value);
            if (count >= 1) {
                return count;
            }
        } catch (NumberFormatException notANumber) {
            // told below
        }
        throw new IllegalArgumentException(
                "--" + name + " needs a whole number of at least 1, got '" + value + "'");
    }

    /// A file of the examples' own data.
    static Path data(String file) {
        return Path.of(System.getProperty("aquifer.home", "."), "examples", "data", file);
    }
}
