package io.aquifer.cli;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobStart;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/// How a run began and how its checkpoints go, in words.
final class CheckpointText {
    private static final int POSITIONS_SHOWN = 2;

    private CheckpointText() {}

    /// The line that says how a job began; empty without a state directory.
    static String start(JobStart start) {
        String directory = String.valueOf(start.stateDirectory());
        return switch (start.kind()) {
            case WITHOUT_STATE -> "";
            case FIRST -> "state in " + directory + ", " + every(start.interval());
            case AFTER_FINISHED ->
                    "the earlier run in "
                            + directory
                            + " had finished: starting afresh, its output is replaced";
            case BEGUN_AGAIN ->
                    "the earlier run in "
                            + directory
                            + " was interrupted before its first checkpoint: starting from the"
                            + " beginning";
            case RESUMED ->
                    "resumed from checkpoint "
                            + start.checkpoint()
                            + " ("
                            + positions(start.positions())
                            + ")"
                            + ", "
                            + redone(start.redone());
        };
    }

    private static String redone(@Nullable Duration redone) {
        if (redone == null) {
            return "what was done since is redone";
        }
        if (redone.isZero()) {
            return "no work redone";
        }
        boolean underASecond = redone.toMillis() < 1_000;
        Duration upTo =
                underASecond ? redone : Duration.ofSeconds(redone.plusMillis(999).toSeconds());
        return Times.exact(upTo) + " of work redone at most";
    }

    /// The last checkpoint and the failed ones in one line without colour.
    static String live(CheckpointProgress checkpoints) {
        String last;
        if (checkpoints.completed() > 0) {
            last =
                    "checkpoint "
                            + checkpoints.lastId()
                            + ", "
                            + Times.rough(checkpoints.sinceLast())
                            + " ago, "
                            + sizeAndTime(checkpoints);
        } else if (checkpoints.lastId() > 0) {
            last = "resumed from checkpoint " + checkpoints.lastId() + ", none since";
        } else {
            last = "no checkpoint yet";
        }
        return checkpoints.failed() > 0 ? last + ", " + failed(checkpoints) : last;
    }

    /// `24.0 MiB in 0.2 s`.
    static String sizeAndTime(CheckpointProgress checkpoints) {
        return Sizes.size(checkpoints.lastBytes()) + " in " + Times.took(checkpoints.lastTook());
    }

    /// `2 failed: the disk is full`; without the reason once one was complete again.
    static String failed(CheckpointProgress checkpoints) {
        String count = Sizes.count(checkpoints.failed()) + " failed";
        String reason = checkpoints.lastFailure();
        return reason == null ? count : count + ": " + oneLine(reason);
    }

    /// A text without line breaks: what is drawn over must not grow.
    static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String every(Duration interval) {
        return interval.isZero()
                ? "a checkpoint at the end only"
                : "a checkpoint every " + Times.exact(interval);
    }

    static String positions(List<String> positions) {
        if (positions.isEmpty()) {
            return "all input read";
        }
        int more = positions.size() - POSITIONS_SHOWN;
        String shown = String.join(", ", positions.stream().limit(POSITIONS_SHOWN).toList());
        return more <= 0
                ? shown
                : shown + " and " + more + (more == 1 ? " more split" : " more splits");
    }
}
