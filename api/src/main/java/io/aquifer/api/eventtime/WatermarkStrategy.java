package io.aquifer.api.eventtime;

import io.aquifer.api.functions.Function;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// How event time is read from records, and how far it may be trusted to have advanced.
///
/// Given to a source, each split has a generator of its own and the slowest split counts; a split
/// not yet started holds the watermark back.
///
/// @param generator makes one generator for each split, or subtask; null means no watermarks
/// @param timestampAssigner reads a record's time; null keeps the time that the source gave
public record WatermarkStrategy<T>(
        @Nullable WatermarkGeneratorSupplier<T> generator,
        @Nullable TimestampAssigner<T> timestampAssigner)
        implements Function {

    /// For jobs without event time.
    public static <T> WatermarkStrategy<T> noWatermarks() {
        return new WatermarkStrategy<>(null, null);
    }

    /// Times never go back within a split.
    public static <T> WatermarkStrategy<T> forMonotonousTimestamps() {
        return forBoundedOutOfOrderness(Duration.ZERO);
    }

    /// A record is at most `maxOutOfOrderness` older than the newest record before it in the same
    /// split.
    public static <T> WatermarkStrategy<T> forBoundedOutOfOrderness(Duration maxOutOfOrderness) {
        if (maxOutOfOrderness.isNegative()) {
            throw new IllegalArgumentException(
                    "out-of-orderness must not be negative, is " + maxOutOfOrderness);
        }
        long millis = maxOutOfOrderness.toMillis();
        return new WatermarkStrategy<>(() -> new BoundedOutOfOrderness<>(millis), null);
    }

    public static <T> WatermarkStrategy<T> forGenerator(WatermarkGeneratorSupplier<T> supplier) {
        return new WatermarkStrategy<>(supplier, null);
    }

    public WatermarkStrategy<T> withTimestampAssigner(TimestampAssigner<T> assigner) {
        return new WatermarkStrategy<>(generator, assigner);
    }

    /// Whether records get watermarks from this strategy.
    public boolean hasWatermarks() {
        return generator != null;
    }
}
