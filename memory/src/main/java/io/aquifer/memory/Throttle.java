package io.aquifer.memory;

/// Slows whoever makes memory fill, so that those who work it off can catch up.
public interface Throttle {
    /// Called under the ledger's lock by any thread, so it must only set a flag and wake.
    ///
    /// @param on whether to produce nothing for now
    void slow(boolean on);
}
