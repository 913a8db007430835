package io.aquifer.testkit;

/// A record that an operator put out.
///
/// @param timestamp event time in milliseconds, [#NO_TIMESTAMP] when it has none
public record TimedRecord<T>(T value, long timestamp) {
    /// The event time of a record without one.
    public static final long NO_TIMESTAMP = Long.MIN_VALUE;

    /// A record without event time.
    public static <T> TimedRecord<T> of(T value) {
        return new TimedRecord<>(value, NO_TIMESTAMP);
    }

    public static <T> TimedRecord<T> of(T value, long timestamp) {
        return new TimedRecord<>(value, timestamp);
    }

    @Override
    public String toString() {
        return timestamp == NO_TIMESTAMP ? String.valueOf(value) : value + " @ " + timestamp;
    }
}
