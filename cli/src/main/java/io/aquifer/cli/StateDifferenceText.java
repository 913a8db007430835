package io.aquifer.cli;

import com.fasterxml.jackson.core.JsonGenerator;

import io.aquifer.cli.StateDifference.Keys;
import io.aquifer.engine.checkpoint.StoredState;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What `aquifer state DIR --diff A B` prints, as text and as JSON. The fields of the JSON are part
/// of the command's contract and are described in `docs/cli.md`.
record StateDifferenceText(long before, long after, List<StateDifference> differences) {
    private static final String NONE = "-";

    List<String> lines(String whose, Screen screen) {
        List<String> lines = new ArrayList<>();
        lines.add(screen.bold(whose));
        lines.add("checkpoint " + before + " against " + after);
        lines.add("");
        TextTable table =
                new TextTable(
                        List.of(0, 1, 7),
                        "state",
                        "kind",
                        "entries in " + before,
                        "in " + after,
                        "keys only in " + before,
                        "only in " + after,
                        "changed",
                        "");
        for (StateDifference difference : differences) {
            addRow(table, difference);
        }
        List<String> rows = table.lines();
        lines.add(screen.bold(rows.getFirst()));
        lines.addAll(rows.subList(1, rows.size()));
        for (StateDifference difference : differences) {
            addKeys(lines, difference.name(), "only in " + before, difference.onlyBefore());
            addKeys(lines, difference.name(), "only in " + after, difference.onlyAfter());
            addKeys(lines, difference.name(), "with another value", difference.changed());
        }
        if (differences.stream().allMatch(StateDifference::isNone)) {
            lines.add("");
            lines.add("their states are the same");
        }
        return lines;
    }

    private static void addRow(TextTable table, StateDifference difference) {
        StoredState one = difference.before();
        StoredState other = difference.after();
        boolean both = one != null && other != null;
        String note = difference.typesDiffer() ? "of another type" : "";
        table.add(
                difference.name(),
                StoredStateNames.kind(difference.either().kind()),
                entries(one),
                entries(other),
                both ? Sizes.count(difference.onlyBefore().count()) : NONE,
                both ? Sizes.count(difference.onlyAfter().count()) : NONE,
                both ? Sizes.count(difference.changed().count()) : NONE,
                one == null ? "added" : other == null ? "removed" : note);
    }

    private static String entries(@Nullable StoredState state) {
        return state == null ? NONE : StateText.entries(state);
    }

    private static void addKeys(List<String> lines, String name, String what, Keys keys) {
        if (keys.count() == 0) {
            return;
        }
        lines.add("");
        lines.add(
                name
                        + ": "
                        + Sizes.count(keys.count())
                        + (keys.count() == 1 ? " key " : " keys ")
                        + what);
        keys.examples().forEach(key -> lines.add("  " + key));
        long left = keys.count() - keys.examples().size();
        if (left > 0) {
            lines.add("  and " + Sizes.count(left) + " more (--limit N names N)");
        }
    }

    String json(String directory) {
        return JsonText.write(
                json -> {
                    json.writeStringField("directory", directory);
                    json.writeNumberField("before", before);
                    json.writeNumberField("after", after);
                    json.writeBooleanField(
                            "same", differences.stream().allMatch(StateDifference::isNone));
                    json.writeArrayFieldStart("states");
                    for (StateDifference difference : differences) {
                        StoredState state = difference.either();
                        json.writeStartObject();
                        json.writeStringField("operator", state.operatorId());
                        json.writeStringField("name", state.name());
                        json.writeStringField("kind", state.kind().name());
                        writeEntries(json, "entriesBefore", difference.before());
                        writeEntries(json, "entriesAfter", difference.after());
                        json.writeBooleanField("typesDiffer", difference.typesDiffer());
                        writeKeys(json, "onlyBefore", difference.onlyBefore());
                        writeKeys(json, "onlyAfter", difference.onlyAfter());
                        writeKeys(json, "changed", difference.changed());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
    }

    private static void writeEntries(JsonGenerator json, String field, @Nullable StoredState state)
            throws IOException {
        if (state == null) {
            json.writeNullField(field);
        } else {
            json.writeNumberField(field, state.entries());
        }
    }

    private static void writeKeys(JsonGenerator json, String field, Keys keys) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeNumberField("count", keys.count());
        json.writeArrayFieldStart("keys");
        for (String key : keys.examples()) {
            json.writeString(key);
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
