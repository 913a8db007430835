package io.aquifer.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/// A measurement's arguments, `name=value` each, as they reach its JVM. Used by one thread.
public final class Arguments {
    private final Map<String, String> given = new LinkedHashMap<>();
    private final Map<String, String> asked = new LinkedHashMap<>();

    private Arguments() {}

    /// @throws IllegalArgumentException if one is not of that form
    public static Arguments parse(String... arguments) {
        Arguments parsed = new Arguments();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "'" + argument + "' is not of the form name=value");
            }
            parsed.given.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return parsed;
    }

    /// A whole number of at least 1.
    public long number(String name, long otherwise) {
        String value = text(name, Long.toString(otherwise));
        try {
            long number = Long.parseLong(value);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                name + " needs a whole number of at least 1, not '" + value + "'");
    }

    public String text(String name, String otherwise) {
        asked.put(name, otherwise);
        return given.getOrDefault(name, otherwise);
    }

    /// To be called when all were asked for.
    ///
    /// @throws IllegalArgumentException if one was given that nobody asked for
    public Arguments complete() {
        for (String name : given.keySet()) {
            if (!asked.containsKey(name)) {
                throw new IllegalArgumentException(
                        "there is no argument '" + name + "'; there are " + asked.keySet());
            }
        }
        return this;
    }
}
