package io.aquifer.cli;

import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.JobState;

import java.util.Optional;

/// A job that ended in this process: how it began and how it ended.
///
/// Immutable; any thread.
record EndedJob(JobReport report, JobStart start) {

    /// Rows read in this process: the report counts a resumed run's from its beginning.
    long rowsRead() {
        return Math.max(0, report.last().sourceRecords() - start.sourceRecords());
    }

    /// What to tell of going on later, without the command to do it with; empty when the job needs
    /// no more, or has nothing to go on from.
    Optional<String> goingOn() {
        long checkpoint = report.last().checkpoints().lastId();
        if (start.kind() == JobStart.Kind.WITHOUT_STATE || checkpoint == 0) {
            return Optional.empty();
        }
        return switch (report.state()) {
            case JobState.STOPPED ->
                    Optional.of(
                            "stopped at checkpoint "
                                    + checkpoint
                                    + " ("
                                    + CheckpointText.positions(
                                            report.last().checkpoints().lastPositions())
                                    + "). Resume with:");
            case JobState.FAILED ->
                    Optional.of(
                            "checkpoint "
                                    + checkpoint
                                    + " is complete. When the cause is corrected, go on from it"
                                    + " with:");
            default -> Optional.empty();
        };
    }
}
