package io.aquifer.api.graph;

import java.time.Duration;

/// How a job with a state path takes checkpoints.
///
/// @param interval between the starts of two checkpoints; zero takes none but the last one, when
///   the job is stopped or has ended
/// @param timeout after which a checkpoint that is not complete counts as failed
/// @param retained complete checkpoints kept in the state directory, at least 1
public record CheckpointSettings(Duration interval, Duration timeout, int retained) {
    public static final CheckpointSettings DEFAULT =
            new CheckpointSettings(Duration.ofSeconds(10), Duration.ofMinutes(10), 3);

    public CheckpointSettings {
        if (interval.isNegative()) {
            throw new IllegalArgumentException(
                    "the checkpoint interval is not negative, got " + interval);
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(
                    "the checkpoint timeout is longer than 0, got " + timeout);
        }
        if (retained < 1) {
            throw new IllegalArgumentException(
                    "at least 1 checkpoint is retained, got " + retained);
        }
    }
}
