package io.aquifer.api.memory;

import java.lang.foreign.MemorySegment;

/// Raw pages of managed memory, for structures of one's own.
///
/// A page is [#PAGE_SIZE_BYTES] bytes, aligned to that size, and its contents are zeros or what
/// this job left in it. Its segment checks bounds; it can be used from any thread until the task
/// ends, when every segment becomes invalid. A page that was released may be somebody else's, and
/// no check finds out who uses it.
///
/// Not in checkpoints. See [ManagedMemory].
public interface ManagedPages {
    int PAGE_SIZE_BYTES = 32 * 1024;

    /// Takes a page. Over budget it throws, with the holders and the remedy.
    MemorySegment allocate();

    /// Gives a page back.
    ///
    /// @param page as [#allocate] returned it
    /// @throws IllegalArgumentException if it is not a page that was allocated here and is held
    void release(MemorySegment page);

    /// Pages held now.
    int pageCount();
}
