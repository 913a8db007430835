package io.aquifer.memory;

/// One request that waits for memory.
///
/// @param owner who asked, such as `flights / windows (1/2) / cells`
/// @param pool the name of the pool
/// @param bytes what was asked for
/// @param waitedNanos how long it has waited
public record MemoryWait(String owner, String pool, long bytes, long waitedNanos) {}
