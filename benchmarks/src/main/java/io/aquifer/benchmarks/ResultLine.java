package io.aquifer.benchmarks;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a forked JVM measured, as one line of its output: `result name=value name=value ...`.
///
/// Values are whole numbers ([Long]), other numbers ([Double]) and texts, which are written as in a
/// URL, so that a line has no other spaces than those between its parts. Immutable.
///
/// @param values by name, in the order in which they were measured
public record ResultLine(Map<String, Object> values) {
    private static final String START = "result ";

    public ResultLine {
        values = new LinkedHashMap<>(values);
        values.forEach(
                (name, value) -> {
                    if (!(value instanceof Long
                            || value instanceof String
                            || (value instanceof Double number && Double.isFinite(number)))) {
                        throw new IllegalArgumentException(
                                "a result is a long, a finite double or a text, not "
                                        + name
                                        + "="
                                        + value);
                    }
                });
    }

    static boolean isOne(String line) {
        return line.startsWith(START);
    }

    /// Reads what [#toString] wrote.
    static ResultLine parse(String line) {
        if (!isOne(line)) {
            throw new IllegalArgumentException("'" + line + "' is no result line");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (String part : line.substring(START.length()).split(" ", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "'" + part + "' in '" + line + "' is not of the form name=value");
            }
            values.put(part.substring(0, equals), value(part.substring(equals + 1)));
        }
        return new ResultLine(values);
    }

    /// Which of several things that a measurement measures this is; empty when there is one only.
    public String what() {
        return values.get("what") instanceof String what ? what : "";
    }

    /// The number called `name`.
    ///
    /// @throws IllegalArgumentException if there is none
    public double number(String name) {
        if (values.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("no number " + name + " in " + values.keySet());
    }

    /// The text called `name`, empty when there is none.
    public String text(String name) {
        return values.get(name) instanceof String text ? text : "";
    }

    @Override
    public String toString() {
        StringBuilder line = new StringBuilder("result");
        values.forEach(
                (name, value) ->
                        line.append(' ')
                                .append(name)
                                .append('=')
                                .append(
                                        value instanceof String text
                                                ? "'"
                                                        + URLEncoder.encode(
                                                                text, StandardCharsets.UTF_8)
                                                : value));
        return line.toString();
    }

    private static Object value(String text) {
        if (text.startsWith("'")) {
            return URLDecoder.decode(text.substring(1), StandardCharsets.UTF_8);
        }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException notWhole) {
            return Double.valueOf(text);
        }
    }
}
