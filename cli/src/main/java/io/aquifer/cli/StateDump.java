package io.aquifer.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;

import io.aquifer.engine.checkpoint.CheckpointView;
import io.aquifer.engine.checkpoint.StoredState;
import io.aquifer.state.file.StateEntry;
import io.aquifer.state.file.StateSection;

import org.jspecify.annotations.Nullable;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Prints the entries of one state, one a line, as they come from the files. Holds one block of a
/// file in memory, and stops when nobody reads any more.
final class StateDump {
    private static final int ENTRIES_BETWEEN_LOOKS = 1_000;

    private final StoredState state;
    private final StoredEntry rows;
    private final long limit;
    private final @Nullable String wantedKey;
    private long entries;
    private long lines;

    /// @param limit the most lines
    /// @param wantedKey the text of the only key to print, null for all
    StateDump(StoredState state, long limit, @Nullable String wantedKey) {
        this.state = state;
        this.rows = new StoredEntry(state);
        this.limit = limit;
        this.wantedKey = wantedKey;
    }

    /// Writes one row.
    private interface RowWriter {
        void write(List<@Nullable Object> cells) throws IOException;
    }

    /// JSON lines: an object an entry.
    void printJson(CheckpointView view, PrintStream out) throws IOException {
        Writer writer = writer(out);
        List<String> names = rows.names();
        try (JsonGenerator json = new JsonFactory().createGenerator(writer)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
            print(
                    view,
                    out,
                    cells -> {
                        json.writeStartObject();
                        for (int i = 0; i < names.size(); i++) {
                            json.writeFieldName(names.get(i));
                            StoredEntry.write(json, cells.get(i));
                        }
                        json.writeEndObject();
                    });
        }
        if (lines > 0) {
            writer.write('\n');
        }
        writer.flush();
    }

    /// CSV as RFC 4180 has it, with a line of names; lines end with a line feed.
    void printCsv(CheckpointView view, PrintStream out) throws IOException {
        Writer writer = writer(out);
        writer.write(String.join(",", rows.names()) + "\n");
        try {
            print(
                    view,
                    out,
                    cells -> {
                        for (int i = 0; i < cells.size(); i++) {
                            writer.write(i == 0 ? "" : ",");
                            writer.write(quoted(StoredEntry.text(cells.get(i))));
                        }
                        writer.write('\n');
                    });
        } finally {
            writer.flush();
        }
    }

    private static Writer writer(PrintStream out) {
        return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }

    private void print(CheckpointView view, PrintStream out, RowWriter writer) throws IOException {
        if (limit == 0) {
            return;
        }
        view.forEach(
                state,
                (section, subtask, entry) -> {
                    if (isWanted(entry)) {
                        writer.write(cells(section, subtask, entry));
                        lines++;
                    }
                    return lines < limit
                            && (++entries % ENTRIES_BETWEEN_LOOKS != 0 || !out.checkError());
                });
    }

    private List<@Nullable Object> cells(StateSection section, int subtask, StateEntry entry) {
        return rows.cells(section, subtask, entry);
    }

    private boolean isWanted(StateEntry entry) {
        return wantedKey == null || wantedKey.equals(StoredEntry.text(rows.key(entry)));
    }

    /// What the user should know about what was printed, a line each.
    List<String> notes() {
        List<String> notes = rows.unknownTypes();
        if (rows.undecoded() > 0) {
            notes.add(
                    Sizes.count(rows.undecoded())
                            + " cells are no values of their type and are shown as hex");
        }
        if (wantedKey != null && lines == 0) {
            notes.add("no entry has the key '" + wantedKey + "'");
        }
        return notes;
    }
}
