package io.aquifer.memory;

/// Decides which limits move when a pool is full. Called with the ledger's lock held, so it must
/// neither wait nor call out; it moves limits through [Ledger#lend] and [Ledger#grant] alone.
interface Governor {

    /// Tries to raise the pool's limit by at least `missingBytes`.
    ///
    /// @return whether it did; if not, nothing was changed
    boolean makeRoom(MemoryPool pool, long missingBytes);

    /// How far the pool's limit could be raised now, in bytes.
    long roomFor(MemoryPool pool);
}
