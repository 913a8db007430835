package io.aquifer.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/// What one engine measured in one round.
///
/// @param engine the engine's name
/// @param parallelism of the plan
/// @param round from 1
/// @param values by name, as [RunLog] printed them
record Round(String engine, int parallelism, int round, Map<String, Double> values) {
    static final String RESULT = "result ";

    /// Reads the line that [RunLog#run] printed.
    static Map<String, Double> parse(String line) {
        if (!line.startsWith(RESULT)) {
            throw new IllegalArgumentException("'" + line + "' is no result line");
        }
        Map<String, Double> values = new LinkedHashMap<>();
        for (String part : line.substring(RESULT.length()).split(" ", -1)) {
            int equals = part.indexOf('=');
            values.put(part.substring(0, equals), Double.valueOf(part.substring(equals + 1)));
        }
        return values;
    }

    double value(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "engine '" + engine + "' did not report " + name + ", only " + values.keySet());
        }
        return value;
    }

    /// Whole numbers without a fraction, as JSON readers like them.
    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        values.forEach(
                (name, value) -> {
                    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
                        json.put(name, value.longValue());
                    } else {
                        json.put(name, value);
                    }
                });
        return json;
    }
}
