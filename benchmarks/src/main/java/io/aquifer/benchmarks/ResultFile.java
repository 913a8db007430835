package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file with one line of JSON a result; each says when, on which commit and on which machine.
///
/// The machine and the commit are those of the moment when the benchmark began. Used by one thread.
public final class ResultFile {
    private final Path path;
    private final Clock clock;
    private final String commit;
    private final Map<String, Object> machine;

    /// @param path is made with its directory when the first line comes
    /// @param home the source tree's root
    public ResultFile(Path path, Path home, Clock clock) {
        this.path = path;
        this.clock = clock;
        this.commit = Machine.commit(home);
        this.machine = Machine.describe();
    }

    public Path path() {
        return path;
    }

    /// Adds a line of `values`, between the benchmark's name, date and commit and the machine.
    public void add(String benchmark, Map<String, ?> values) throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("benchmark", benchmark);
        line.put("date", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        line.put("commit", commit);
        line.putAll(values);
        line.put("machine", machine);
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(
                path,
                JsonLine.of(line) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
