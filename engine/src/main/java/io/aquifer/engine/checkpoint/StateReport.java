package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/// What a state directory holds, read without taking it: a job may be running in it.
///
/// @param jobName whose state it is
/// @param finished whether its last run has finished
/// @param heldBy the process that holds the directory now, as `4711`, or null
/// @param checkpoints newest first
/// @param problems of the directory as a whole
public record StateReport(
        Path directory,
        String jobName,
        String runId,
        boolean finished,
        @Nullable String heldBy,
        List<CheckpointReport> checkpoints,
        List<String> problems) {
    /// One checkpoint.
    ///
    /// @param bytes of all its files
    /// @param manifest null when it cannot be read
    /// @param problems what is damaged or missing, each with file and place; empty for a whole one
    public record CheckpointReport(
            long id,
            long bytes,
            int files,
            @Nullable CheckpointManifest manifest,
            List<String> problems) {}

    /// Reads the directory and verifies every checksum.
    ///
    /// @throws StateDirectoryException when it is no state directory or cannot be read
    public static StateReport of(Path directory) {
        throw new UnsupportedOperationException();
    }
}
