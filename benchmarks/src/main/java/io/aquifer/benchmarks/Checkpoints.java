package io.aquifer.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The checkpoints a run is to take: how often, and a new directory for them, which goes when the
/// run has ended.
///
/// @param intervalMillis 0 for none
public record Checkpoints(long intervalMillis, Path directory) implements AutoCloseable {
    /// The system property an [Engine]'s flags set.
    static final String INTERVAL = "benchmark.checkpoint.millis";

    public static Checkpoints ofThisRun() throws IOException {
        return new Checkpoints(
                Long.getLong(INTERVAL, 0), Files.createTempDirectory("keyed-count-checkpoints"));
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(directory)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
