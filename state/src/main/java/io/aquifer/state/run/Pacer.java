package io.aquifer.state.run;

/// Keeps a merge from taking all of a disk.
@FunctionalInterface
public interface Pacer {
    /// As fast as it goes.
    Pacer UNLIMITED = bytes -> {};

    /// Says that so many bytes were read or written since the last call, and waits until the next
    /// may be. Called from the merge's thread, about once in 256 KiB.
    void spend(long bytes);
}
