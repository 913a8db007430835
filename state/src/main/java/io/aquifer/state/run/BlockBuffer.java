package io.aquifer.state.run;

/// Memory for one block of a run, used by one thread at a time for one lookup after the other. It
/// grows to the largest block that is read whole, 1 MiB at most; of larger ones it takes parts.
public final class BlockBuffer {}
