package io.aquifer.engine;

import io.aquifer.engine.checkpoint.CheckpointManifest;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/// Counts a job's checkpoints, over all its attempts. Any thread.
final class CheckpointStatistics {
    private final LongSupplier nanoTime;
    private long completed;
    private long failed;
    private @Nullable String lastFailure;
    private @Nullable CheckpointManifest last;
    private final Runnable onCompleted;
    private long lastNanos;

    CheckpointStatistics(LongSupplier nanoTime) {
        this(nanoTime, () -> {});
    }

    /// @param onCompleted called for each checkpoint that is complete
    CheckpointStatistics(LongSupplier nanoTime, Runnable onCompleted) {
        this.nanoTime = nanoTime;
        this.onCompleted = onCompleted;
        this.lastNanos = nanoTime.getAsLong();
    }

    /// Notes the checkpoint that the job goes on from.
    synchronized void restored(CheckpointManifest manifest) {
        last = manifest;
    }

    synchronized void completed(CheckpointManifest manifest) {
        completed++;
        last = manifest;
        lastFailure = null;
        onCompleted.run();
        lastNanos = nanoTime.getAsLong();
    }

    synchronized void failed(String why) {
        failed++;
        lastFailure = why;
    }

    synchronized CheckpointProgress progress() {
        CheckpointManifest of = last;
        return new CheckpointProgress(
                completed,
                failed,
                lastFailure,
                of == null ? 0 : of.id(),
                of == null ? 0 : of.stateBytes(),
                of == null ? List.of() : of.positions(),
                of == null ? 0 : of.sourceRecords(),
                of == null ? Duration.ZERO : of.took(),
                of == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - lastNanos));
    }
}
