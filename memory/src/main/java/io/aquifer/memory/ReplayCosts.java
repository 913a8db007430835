package io.aquifer.memory;

/// What the model of [MemorySimulation] takes things to cost, in virtual time.
///
/// @param diskBytesPerSecond how fast state is spilled; all owners share one disk
/// @param askNanos from asking another owner for memory to its next record boundary
/// @param waitNanosMax how long a required request waits before its owner fails
record ReplayCosts(long diskBytesPerSecond, long askNanos, long waitNanosMax) {
    static final ReplayCosts USUAL = new ReplayCosts(400L << 20, 100_000, 10_000_000_000L);

    long spillNanos(long bytes) {
        return (long) (bytes * 1e9 / diskBytesPerSecond);
    }
}
