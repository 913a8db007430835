package io.aquifer.memory.space;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Equal pages, numbered from 0, of which a caller decides who uses which. Keeps no books.
///
/// A page must be [committed][#commit] before it is touched and may be [decommitted][#decommit]
/// when nobody uses it any more; committed again, it is all zeros. Callers serialize these calls;
/// the contents of pages may be accessed by any thread at any time.
public interface PageSpace {
    int PAGE_BYTES = 32 * 1024;

    /// Reserves room for `pageCount` pages in the mode of this process; commits none.
    ///
    /// @throws AddressSpaceException if the operating system refuses the addresses
    static PageSpace reserve(int pageCount) throws AddressSpaceException {
        return AddressSpace.MAPPED ? MappedSpace.reserve(pageCount) : new ChunkedSpace(pageCount);
    }

    int pageCount();

    /// Where page `page` starts; valid until it is decommitted.
    long address(int page);

    /// The number of the page that starts at `address`, or -1 if none does.
    int pageAt(long address);

    /// Makes a page usable.
    ///
    /// @throws OutOfMemoryError if the operating system has no memory; nothing was changed
    void commit(int page);

    /// Gives back the memory of `pages[from..to)`, which are sorted, used by nobody, and were
    /// committed.
    void decommit(int[] pages, int from, int to);

    /// How many pages are decommitted only together; an extent is let to one owner at a time.
    default int extentPages() {
        return 1;
    }

    /// All pages in one segment that lives as long as `arena`, or null in the portable mode.
    default @Nullable MemorySegment window(Arena arena) {
        return null;
    }

    /// A page as a segment that lives as long as its extent.
    default MemorySegment view(int page) {
        throw new UnsupportedOperationException("views are slices of the window");
    }

    /// Whether released pages are to be poisoned.
    default boolean isChecked() {
        return false;
    }

    /// Makes a released page show who still uses it.
    default void poison(int page) {}

    /// Makes a poisoned page usable.
    ///
    /// @throws IllegalStateException if it was written to meanwhile
    default void unpoison(int page) {}

    /// What the pages occupy now, at most, in bytes.
    long residentBytes();

    /// Gives all memory back. The addresses are let again only if `reusable`, that is if certainly
    /// nobody still has one. Pages decommitted later are ignored.
    void close(boolean reusable);
}
