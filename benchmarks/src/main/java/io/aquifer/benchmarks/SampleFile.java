package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Raw samples as comma-separated lines under a line of column names; kept in memory until
/// [#write], since writing would disturb what is measured. Used by one thread.
public final class SampleFile {
    private final List<String> lines = new ArrayList<>();

    public SampleFile(String... columns) {
        lines.add(String.join(",", columns));
    }

    /// @param values numbers and names without commas
    public void add(Object... values) {
        StringBuilder line = new StringBuilder();
        for (Object value : values) {
            String text = String.valueOf(value);
            if (text.indexOf(',') >= 0) {
                throw new IllegalArgumentException("a sample has no comma: '" + text + "'");
            }
            line.append(line.isEmpty() ? "" : ",").append(text);
        }
        lines.add(line.toString());
    }

    /// How many samples there are.
    public int size() {
        return lines.size() - 1;
    }

    /// Writes all; what was in the file goes.
    public void write(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.write(file, lines);
    }

    /// The samples of a file, without the column names.
    public static List<String[]> read(Path file) throws IOException {
        return Files.readAllLines(file).stream().skip(1).map(line -> line.split(",", -1)).toList();
    }
}
