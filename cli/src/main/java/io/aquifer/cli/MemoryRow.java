package io.aquifer.cli;

/// One part of the process's memory: planned, now, when the process was largest, and at its own
/// largest.
///
/// Immutable; any thread. All figures in bytes.
///
/// @param part what it is
/// @param budgetBytes what the plan gives it
/// @param nowBytes resident at the last sample; the rows add up to the process's resident set
/// @param atPeakBytes resident when the process was largest; the rows add up to the kernel's
///   high-water mark
/// @param peakBytes the part's own largest sample; parts peak at different times, so these add up
///   to more
record MemoryRow(
        MemoryPart part, long budgetBytes, long nowBytes, long atPeakBytes, long peakBytes) {}
