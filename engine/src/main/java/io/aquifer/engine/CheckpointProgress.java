package io.aquifer.engine;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/// The checkpoints of a job in this process so far.
///
/// @param completed how many
/// @param failed how many
/// @param lastFailure why the last one failed, null when none has or one was completed since
/// @param lastId the last complete one, also one from before this process; 0 for none
/// @param lastBytes of its state files
/// @param lastPositions where the sources stood then, as a user reads it
/// @param lastSourceRecords what the run had read by then
/// @param lastTook from the trigger to the disk
/// @param sinceLast since it was complete; zero for none
public record CheckpointProgress(
        long completed,
        long failed,
        @Nullable String lastFailure,
        long lastId,
        long lastBytes,
        List<String> lastPositions,
        long lastSourceRecords,
        Duration lastTook,
        Duration sinceLast) {
    /// Of a job that takes no checkpoints.
    public static final CheckpointProgress NONE =
            new CheckpointProgress(0, 0, null, 0, 0, List.of(), 0, Duration.ZERO, Duration.ZERO);
}
