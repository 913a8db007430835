package io.aquifer.connectors.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;

import io.aquifer.api.connector.SourceOutput;
import io.aquifer.connectors.files.RecordShape.Component;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes records of JSON objects, one a line.
///
/// An object's fields have no fixed order, so the first fault of a row is the one that comes first
/// in the record. Objects may have more fields than the record; numbers may stand in quotes.
final class JsonLineParser<T> implements LineParser<T> {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int NAMES_MAX = 10_000;

    private final String source;
    private final RowRules<T> rules;
    private final Row row;
    private final BoundColumn[] columns;
    private final String[] names;
    private final Map<String, Integer> byName = new HashMap<>();
    private final @Nullable String[] faults;
    private final String[] values;
    private final boolean[] seen;

    JsonLineParser(Path file, RowRules<T> rules) {
        this.source = file.toString();
        this.rules = rules;
        List<Component> components = rules.shape().components();
        row = new Row(components.size());
        columns = new BoundColumn[components.size()];
        names = new String[components.size()];
        faults = new String[components.size()];
        values = new String[components.size()];
        seen = new boolean[components.size()];
        for (Component component : components) {
            columns[component.index()] = rules.column(component, row);
            names[component.index()] = component.name();
        }
    }

    @Override
    public boolean passesOverBlankLines() {
        return true;
    }

    @Override
    public void parse(byte[] bytes, int from, int to, String place, SourceOutput<T> output) {
        Arrays.fill(seen, false);
        Arrays.fill(faults, null);
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                reject(output, place, "", "not a JSON object", text(bytes, from, to));
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int index = indexOf(parser.currentName());
                JsonToken token = parser.nextToken();
                if (index >= 0) {
                    seen[index] = true;
                    faults[index] = accept(parser, token, columns[index]);
                    values[index] = faults[index] == null ? "" : value(parser, token);
                }
                parser.skipChildren();
            }
            if (parser.nextToken() != null) {
                reject(output, place, "", "more than one JSON object", text(bytes, from, to));
                return;
            }
        } catch (IOException e) {
            // The bytes are in memory: what fails is their syntax.
            reject(output, place, "", "not JSON", text(bytes, from, to));
            return;
        }
        for (int i = 0; i < columns.length; i++) {
            String fault = seen[i] ? faults[i] : columns[i].acceptMissing();
            if (fault != null) {
                reject(output, place, names[i], fault, seen[i] ? values[i] : "");
                return;
            }
        }
        T made;
        try {
            made = rules.make(row);
        } catch (RuntimeException e) {
            reject(
                    output,
                    place,
                    "",
                    "refused by " + rules.shape().type().getSimpleName(),
                    String.valueOf(e.getMessage()));
            return;
        }
        output.collect(made);
    }

    private void reject(
            SourceOutput<T> output, String place, String column, String reason, String value) {
        RowSplitReader.reject(output, source, place, column, reason, value);
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, Math.min(to - from, 1000), StandardCharsets.UTF_8);
    }

    private static String value(JsonParser parser, JsonToken token) throws IOException {
        return token == JsonToken.START_OBJECT
                ? "{"
                : token == JsonToken.START_ARRAY ? "[" : parser.getText();
    }

    private static @Nullable String accept(JsonParser parser, JsonToken token, BoundColumn column)
            throws IOException {
        return switch (token) {
            case VALUE_STRING ->
                    column.acceptText(
                            parser.getTextCharacters(),
                            parser.getTextOffset(),
                            parser.getTextLength());
            case VALUE_NUMBER_INT -> {
                try {
                    yield column.acceptWhole(parser.getLongValue());
                } catch (InputCoercionException e) {
                    yield column.acceptText(
                            parser.getTextCharacters(),
                            parser.getTextOffset(),
                            parser.getTextLength());
                }
            }
            case VALUE_NUMBER_FLOAT ->
                    column.acceptText(
                            parser.getTextCharacters(),
                            parser.getTextOffset(),
                            parser.getTextLength());
            case VALUE_TRUE -> column.acceptBoolean(true);
            case VALUE_FALSE -> column.acceptBoolean(false);
            case VALUE_NULL -> column.acceptMissing();
            default -> "not a single value";
        };
    }

    private int indexOf(String field) {
        Integer known = byName.get(field);
        if (known != null) {
            return known;
        }
        int index = -1;
        for (int i = 0; i < names.length && index < 0; i++) {
            index = names[i].equals(field) ? i : -1;
        }
        for (int i = 0; i < names.length && index < 0; i++) {
            index = ColumnNames.matches(field, names[i]) ? i : -1;
        }
        if (byName.size() < NAMES_MAX) {
            byName.put(field, index);
        }
        return index;
    }

    /// Looks at a file's first object as if it were a header: a component without a field, but with
    /// one of a similar name, is a spelling mistake that would reject every row.
    static void checkFirst(Path file, byte[] bytes, int from, int to, RowRules<?> rules)
            throws IOException {
        List<String> fields = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                fields.add(parser.currentName());
                parser.nextToken();
                parser.skipChildren();
            }
        } catch (IOException e) {
            return; // the reader rejects the line
        }
        List<String> spare = new ArrayList<>(fields);
        for (Component component : rules.shape().components()) {
            spare.removeIf(field -> ColumnNames.matches(field, component.name()));
        }
        for (Component component : rules.shape().components()) {
            boolean found =
                    fields.stream().anyMatch(field -> ColumnNames.matches(field, component.name()));
            String near = ColumnNames.nearest(component.name(), spare);
            if (!found
                    && !near.isEmpty()
                    && !component.boxed()
                    && !rules.optional().contains(component.name())) {
                throw FileFormatException.missingColumn(
                        file,
                        component.name(),
                        rules.shape().type(),
                        near,
                        ColumnNames.list(fields));
            }
        }
    }
}
