package io.aquifer.memory;

/// A step of the reclaim ladder on which owners are asked to give memory back, cheapest first.
///
/// Before any owner is asked, the ledger itself looks for room: in the reserve, in pages that were
/// released and are still resident, and in what others were granted and do not use. After the last
/// rung sources are slowed, and in the end a task fails.
public enum Rung {
    /// Pages that hold nothing at the moment, such as the idle part of an exchange's ring.
    IDLE_PAGES,
    /// Copies of what is elsewhere, dropped without IO.
    CLEAN_CACHE,
    /// State that is on disk already, dropped without a write.
    CLEAN_STATE,
    /// State or data that must be written to disk first.
    SPILL
}
