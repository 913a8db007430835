package io.aquifer.benchmarks;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/// Writes a map as one line of JSON: numbers, nested maps and lists as such, everything else as
/// text.
public final class JsonLine {
    private JsonLine() {}

    public static String of(Map<String, ?> values) {
        StringBuilder line = new StringBuilder("{");
        values.forEach(
                (name, value) -> {
                    if (line.length() > 1) {
                        line.append(',');
                    }
                    appendText(line, name);
                    line.append(':');
                    append(line, value);
                });
        return line.append('}').toString();
    }

    private static void append(StringBuilder line, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> nested = new java.util.LinkedHashMap<>();
            map.forEach((name, inner) -> nested.put(String.valueOf(name), inner));
            line.append(of(nested));
        } else if (value instanceof List<?> list) {
            line.append('[');
            for (int i = 0; i < list.size(); i++) {
                if (i > 0) {
                    line.append(',');
                }
                append(line, list.get(i));
            }
            line.append(']');
        } else if (value instanceof Double number && !Double.isFinite(number)) {
            throw new IllegalArgumentException(number + " cannot be written as JSON");
        } else if (value instanceof Number || value instanceof Boolean) {
            line.append(value);
        } else {
            appendText(line, String.valueOf(value));
        }
    }

    private static void appendText(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (c < ' ') {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }
}
