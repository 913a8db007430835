package io.aquifer.memory.space;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Equal pages, numbered from 0, of which a caller decides who uses which. Keeps no books of that.
///
/// A page must be [committed][#commit] before it is touched and may be [decommitted][#tryDecommit]
/// when nobody uses it any more; committed again, it is all zeros.
///
/// | Call                       | Waits                                    | When it cannot                             |
/// |----------------------------|------------------------------------------|--------------------------------------------|
/// | [#commit]                  | no                                       | throws `OutOfMemoryError`, changes nothing |
/// | [#tryDecommit]             | no (portable: a handshake per extent)    | the pages stay committed and are returned  |
/// | [#decommit], [#retryFrees] | as above                                 | the space keeps the pages and tries again  |
/// | [#guard], [#preferHuge]    | no                                       | returns `false`, changes nothing           |
///
/// **Threads.** Callers serialize all calls but [#address], [#view] and [#window], which whoever
/// was given a committed page may call. The contents of pages may be accessed by any thread at any
/// time.
///
/// Why pages are all of one size, huge pages go by extent and guards raise SIGBUS:
/// `docs/decisions/0010-address-space.md`.
public interface PageSpace {
    int PAGE_BYTES = 32 * 1024;

    /// Pages of an extent that may have huge pages: 2 MiB.
    int HUGE_EXTENT_PAGES = 64;

    /// Reserves room for `pageCount` pages in the mode of this process; commits none.
    ///
    /// @throws AddressSpaceException if the operating system refuses the addresses, or
    ///   `aquifer.memory.huge-pages` is not a policy
    static PageSpace reserve(int pageCount) throws AddressSpaceException {
        HugePages hugePages = HugePages.configured();
        return AddressSpace.MAPPED
                ? MappedSpace.reserve(
                        pageCount, LinuxMemory.CALLS, AddressSpace.kernel(), hugePages)
                : new ChunkedSpace(pageCount);
    }

    int pageCount();

    /// How many pages, from a multiple of this, take memory, give it back and are revoked only
    /// together: 1 in the mapped mode, a chunk in the portable mode. A caller lets an extent to one
    /// owner at a time, and decommits all of it when the owner has ended.
    default int extentPages() {
        return 1;
    }

    /// Where page `page` starts; valid until it is decommitted.
    long address(int page);

    /// The number of the page that starts at `address`, or -1 if none does.
    int pageAt(long address);

    /// A checked view of a committed page, for its owner. Mapped: it ends with `arena`. Portable:
    /// it ends when the page's extent is decommitted, and `arena` is not used.
    ///
    /// In the mapped mode a view costs a restricted call's worth of checks; whoever takes many
    /// slices [#window] instead.
    ///
    /// @throws IllegalStateException if `arena` is closed or, portable, the page is not committed
    default MemorySegment view(int page, Arena arena) {
        return AddressSpace.view(address(page), PAGE_BYTES, arena);
    }

    /// Mapped mode: all pages, from page 0, accessible until `arena` is closed.
    ///
    /// @throws UnsupportedOperationException in the portable mode, where chunks end one by one
    default MemorySegment window(Arena arena) {
        if (!AddressSpace.MAPPED) {
            throw new UnsupportedOperationException(
                    "portable pages have no common memory; take a view of each page");
        }
        return AddressSpace.view(address(0), (long) pageCount() * PAGE_BYTES, arena);
    }

    /// Makes a page usable; a guarded page is guarded no more.
    ///
    /// @throws OutOfMemoryError if the operating system has no memory; nothing was changed
    void commit(int page);

    /// Gives back the memory of `pages[from..to)`, which are sorted, used by nobody, and were
    /// committed. What cannot be given back now is kept, counted in [#residentBytes], and given
    /// back with a later call.
    void decommit(int[] pages, int from, int to);

    /// Like [#decommit], but what cannot be given back stays committed and is the caller's to try
    /// again: because the system refused (after some attempts), or because IO still uses an extent
    /// in the portable mode. The contents of these pages are undefined.
    ///
    /// @return the pages that stayed, sorted
    default int[] tryDecommit(int[] pages, int from, int to) {
        decommit(pages, from, to);
        return new int[0];
    }

    /// Tries again what [#decommit] or [#close] could not give back; each later `decommit` does so,
    /// too.
    ///
    /// @return the bytes still not given back
    default long retryFrees() {
        return 0;
    }

    /// What the pages occupy now, at most, in bytes; after [#close], what could not be given back
    /// yet.
    long residentBytes();

    /// Gives all memory back. The addresses are let again only if `reusable`, that is if certainly
    /// nobody still has one. Pages decommitted later are ignored.
    void close(boolean reusable);

    /// Decommits a committed page such that each access to it throws `InternalError` until it is
    /// committed again or [unguarded][#unguard]. Mapped mode only.
    ///
    /// Loads, stores, copies and fills throw, IO fails with `EFAULT`. A native function or a
    /// checksum over the memory itself would end the process.
    ///
    /// @return whether it is guarded; if not, it is still committed
    default boolean guard(int page) {
        return false;
    }

    /// Makes a guarded page accessible, and leaves it decommitted. Does nothing to other pages.
    ///
    /// @throws OutOfMemoryError if the operating system refuses; it is still guarded
    default void unguard(int page) {}

    /// Fills a committed page with poison.
    default void poison(int page) {
        Poison.fill(AddressSpace.page(address(page)));
    }

    /// Where in a poisoned page the first byte lies that was written since, or -1.
    default int checkPoison(int page) {
        return Poison.firstChange(AddressSpace.page(address(page)));
    }

    /// Asks for huge pages in the [#HUGE_EXTENT_PAGES] pages from `firstPage`, none of which is
    /// committed, for an owner that takes them all and keeps them: the first touch commits all. The
    /// extent loses its huge pages before any page of it is given back.
    ///
    /// @param firstPage a multiple of [#HUGE_EXTENT_PAGES]
    /// @return whether the kernel was told; `false` under another policy than `extents`, without
    ///   huge pages in the kernel, and in the portable mode
    /// @throws IllegalArgumentException if there is no such extent
    default boolean preferHuge(int firstPage) {
        return false;
    }
}
