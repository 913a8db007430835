package io.aquifer.memory;

/// Memory that an owner can do without, registered with [MemoryScope#register].
///
/// | Call                | By whom                                              | May                         |
/// |---------------------|------------------------------------------------------|-----------------------------|
/// | [#reclaimableBytes] | any thread, under the ledger's lock                  | neither wait nor call back  |
/// | [#reclaim]          | the scope's own thread, in [MemoryScope#serveReclaims] | do IO, release leased pages |
///
/// The scope's thread serves requests between two records and while it waits, **also while it waits
/// for memory in the middle of an operation**. A structure whose operation is not finished must
/// therefore answer 0, and so must one whose pages are pinned by an open iterator.
public interface Reclaimer {
    /// The step of the ladder on which to ask.
    Rung rung();

    /// What kind of memory it gives back: only requests for that kind come to it.
    default MemoryType type() {
        return MemoryType.OFF_HEAP;
    }

    /// What [#reclaim] could give back now, in bytes; an estimate, best a volatile counter.
    long reclaimableBytes();

    /// Gives back about `bytes`, or all there is; the pages go back by releasing them to their
    /// leases.
    ///
    /// @param bytes how much is wanted, above 0
    void reclaim(long bytes);
}
