package io.aquifer.memory;

/// Whether what a lease holds can be taken back while its owner runs.
public enum Retention {
    /// The owner cannot go on without it.
    REQUIRED,
    /// Its owner has registered a [Reclaimer] that can give it back.
    REVOCABLE,
    /// Taken for a moment, such as by an open iterator or an IO under way: cannot be given back
    /// now, and is suspected of a leak when it outlives several checkpoints.
    PINNED
}
