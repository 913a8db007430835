package io.aquifer.memory;

/// Pages of one pool held by one owner; starts empty and grows page by page.
///
/// A page is [MemoryManager#PAGE_SIZE_BYTES] bytes at an address that is a multiple of that size;
/// neighbours in address need not belong to the same lease. A fresh page is all zeros or holds what
/// the same scope left in it, never what another scope wrote.
///
/// | Call               | Waits | When there is no room                                |
/// |--------------------|-------|------------------------------------------------------|
/// | [#tryAllocatePage] | no    | returns 0, changes nothing                           |
/// | [#allocatePage]    | no    | throws [MemoryExhaustedException], changes nothing   |
///
/// Misuse - a page released twice, a page of another lease, any call after [#close] - throws
/// [MemoryUseException] and changes nothing.
///
/// **Threads.** Any thread. Page contents are not synchronized, and after the release of a page its
/// address must not be used: it may be somebody else's, and no check finds out.
public final class PageLease extends Lease implements AutoCloseable {
    final PageTable.PageList pages = new PageTable.PageList();

    PageLease(MemoryScope scope, MemoryPool pool, String name) {
        super(scope, pool, name);
    }

    /// Who holds it: the scope's owner, ` / ` and the lease's name.
    public String owner() {
        return owner;
    }

    /// Takes one page and returns its address, never 0.
    ///
    /// @throws MemoryExhaustedException if neither the pool nor what it may borrow has room
    public long allocatePage() {
        return pool.ledger().allocatePage(this, true);
    }

    /// Takes one page and returns its address, or 0 if there is no room.
    public long tryAllocatePage() {
        return pool.ledger().allocatePage(this, false);
    }

    /// Gives the page at `address` back.
    ///
    /// @throws MemoryUseException if this lease does not hold a page that starts there
    public void releasePage(long address) {
        pool.ledger().releasePage(this, address);
    }

    public int pageCount() {
        return (int) pool.ledger().readLong(pages::count);
    }

    public long heldBytes() {
        return pool.ledger().readLong(this::held);
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    @Override
    public void close() {
        pool.ledger().closeLease(this);
    }

    @Override
    long held() {
        return (long) pages.count() * MemoryManager.PAGE_SIZE_BYTES;
    }

    @Override
    Leak.Kind kind() {
        return Leak.Kind.PAGES;
    }
}
