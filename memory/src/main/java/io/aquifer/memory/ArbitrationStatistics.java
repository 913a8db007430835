package io.aquifer.memory;

/// How contended memory is.
///
/// @param policy the name of the allocation policy
/// @param waiting requests that wait now
/// @param longestWaitNanos the longest that any request has waited, granted or denied
/// @param throttling whether sources are slowed now
public record ArbitrationStatistics(
        String policy, int waiting, long longestWaitNanos, boolean throttling) {}
