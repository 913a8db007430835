package io.aquifer.engine;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How a job began in this process.
///
/// @param kind what its state directory held
/// @param stateDirectory null without one
/// @param checkpoint the one it goes on from, else 0
/// @param positions where its sources go on, as a user reads it: `row 1,203,114 of flights.csv`
/// @param sourceRecords what had been read before
/// @param interval between this start's checkpoints
/// @param redone at most this much time's work is done again; zero when the job was stopped in
///   order, null when it is not known, since the checkpoint is not the last that was complete
public record JobStart(
        Kind kind,
        @Nullable Path stateDirectory,
        long checkpoint,
        List<String> positions,
        long sourceRecords,
        Duration interval,
        @Nullable Duration redone) {
    /// What a job's state directory held.
    public enum Kind {
        /// There is no state directory: the job cannot go on after an interruption.
        WITHOUT_STATE,
        /// Nothing was there.
        FIRST,
        /// A run that had finished; its output is replaced.
        AFTER_FINISHED,
        /// A run that was interrupted before its first checkpoint.
        BEGUN_AGAIN,
        RESUMED
    }
}
