package io.aquifer.memory;

/// Something that happened to an owner's memory, at a time in nanoseconds since the trace began.
///
/// Owners are numbers, given out once; pools are names.
sealed interface TraceEvent {
    long nanos();

    /// An owner begins.
    record Opened(long nanos, int owner, int priority, String name) implements TraceEvent {}

    /// What the owner may always hold of the pool, from now on.
    record Guaranteed(long nanos, int owner, String pool, long bytes) implements TraceEvent {}

    /// The owner asks for memory; it has it unless [Refused] follows.
    ///
    /// @param required whether the asker waits and fails without it, or else goes on
    record Requested(long nanos, int owner, String pool, long bytes, boolean required)
            implements TraceEvent {}

    /// The owner's last request in the pool was answered after a wait.
    record Granted(long nanos, int owner, String pool, long bytes) implements TraceEvent {}

    /// The owner's last request in the pool found no room, at once or after a wait.
    record Refused(long nanos, int owner, String pool, long bytes) implements TraceEvent {}

    record Released(long nanos, int owner, String pool, long bytes) implements TraceEvent {}

    /// What the owner could give back of the pool on one rung, from now on.
    record Reclaimable(long nanos, int owner, String pool, long bytes, Rung rung)
            implements TraceEvent {}

    /// The owner ends, and what it still held is returned.
    record Closed(long nanos, int owner) implements TraceEvent {}

    /// Events are missing here, because the recorder could not keep up.
    record Dropped(long nanos, long count) implements TraceEvent {}

    /// The last line.
    record Ended(long nanos) implements TraceEvent {}
}
