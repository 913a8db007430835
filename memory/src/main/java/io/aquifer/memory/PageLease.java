package io.aquifer.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Pages of one pool held by one owner; starts empty and grows page by page.
///
/// A page is [MemoryManager#PAGE_SIZE_BYTES] bytes at an address that is a multiple of that size;
/// neighbours in address need not belong to the same lease. A fresh page is all zeros or holds what
/// the same job left in it, never what another job wrote.
///
/// | Call               | Waits                                 | When there is no room              |
/// |--------------------|---------------------------------------|------------------------------------|
/// | [#tryAllocatePage] | no                                    | returns 0, changes nothing         |
/// | [#allocatePage]    | while others are asked to give back   | throws [MemoryExhaustedException]  |
/// | [#allocatePages]   | the same, for all pages together      | throws, all or none                |
///
/// Misuse - a page released twice, a page of another lease, any call after [#close] - throws
/// [MemoryUseException] and changes nothing.
///
/// **Threads.** Any thread. Page contents are not synchronized, and after the release of a page its
/// address must not be used: it may be somebody else's. A [#view] finds out when the scope has
/// ended; poison and guard modes find the rest in tests.
///
/// **Speed.** The ledger grants pages by a few at a time, so most calls take a latch of this lease
/// alone. What was granted and is not used is charged, and the first thing to be taken when
/// somebody else finds no room.
public final class PageLease extends Lease implements AutoCloseable {
    private static final VarHandle LATCH;
    private static final int SPINS = 64;
    private static final int UNUSED_MAX = 64;
    private static final int UNUSED_SHARE = 8;

    static {
        try {
            LATCH = MethodHandles.lookup().findVarHandle(PageLease.class, "latch", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /// All pages granted, held or not. Guarded by the ledger's lock.
    final PageTable.PageList granted = new PageTable.PageList();

    private final PageTable pages;

    /// What the page table knows this lease by.
    private final int number;

    @SuppressWarnings("unused") // by its VarHandle
    private int latch;

    // Guarded by the latch.
    private int[] unused = new int[4];
    private int unusedCount;
    private int heldCount;

    PageLease(MemoryScope scope, MemoryPool pool, String name, Retention retention) {
        super(scope, pool, name, retention);
        this.pages = pool.ledger().pages();
        this.number = pages.nextLeaseNumber();
    }

    /// Who holds it: the scope's owner, ` / ` and the lease's name.
    public String owner() {
        return pool.ledger().read(this::ownerText);
    }

    /// Takes one page and returns its address, never 0.
    ///
    /// @throws MemoryExhaustedException if there is no room and nobody gives any back in time
    public long allocatePage() {
        long address = takeUnused();
        return address != 0 ? address : pool.ledger().requests().allocatePage(this, true);
    }

    /// Takes one page and returns its address, or 0 if there is no room.
    public long tryAllocatePage() {
        long address = takeUnused();
        return address != 0 ? address : pool.ledger().requests().allocatePage(this, false);
    }

    /// Takes `count` pages and returns their addresses: all, or none and an exception.
    ///
    /// @param count pages wanted, at least 1
    /// @throws MemoryExhaustedException if there is no room for all and nobody gives any back in
    ///   time
    public long[] allocatePages(int count) {
        if (count < 1) {
            throw MemoryUseException.pageCount(owner(), count);
        }
        return pool.ledger().requests().allocatePages(this, count);
    }

    /// Gives the page at `address` back.
    ///
    /// @throws MemoryUseException if this lease does not hold a page that starts there
    public void releasePage(long address) {
        int page = pages.pageAt(address);
        boolean tooMany = false;
        boolean refused;
        lock();
        try {
            refused = closed || page < 0 || pages.keeper(page) != number;
            if (!refused) {
                pages.keeper(page, PageTable.NOBODY);
                heldCount--;
                if (unusedCount == unused.length) {
                    unused = Arrays.copyOf(unused, unusedCount * 2);
                }
                unused[unusedCount++] = page;
                tooMany = pool.scarce || unusedCount > unusedMax() || pages.isChecked();
            }
        } finally {
            unlock();
        }
        if (refused) {
            pool.ledger().requests().explainRefusal(this, "release", address);
        } else if (tooMany) {
            pool.ledger().requests().takeBackUnused(this);
        }
    }

    /// A checked view of a page that this lease holds: accesses are bounded by the page, and throw
    /// [IllegalStateException] from the moment the scope that holds it now has ended.
    ///
    /// A thread that uses views [enters][MemoryScope#enter] their scope, or ends before it: the
    /// virtual machine may let a store that was under way finish after the view has ended (seen
    /// with JDK 25), and only who is inside keeps the page from being let again until then.
    ///
    /// A view does not notice that its page was released alone; release pages whose views are still
    /// used, and you read your own job's later bytes.
    ///
    /// @throws MemoryUseException if this lease does not hold a page that starts there
    public MemorySegment view(long address) {
        int page = pages.pageAt(address);
        lock();
        boolean refused = closed || page < 0 || pages.keeper(page) != number;
        unlock();
        if (refused) {
            pool.ledger().requests().explainRefusal(this, "show", address);
        }
        return scope.view(page);
    }

    /// Makes another scope the owner of everything that is held here, and charges it there.
    ///
    /// Views made before belong to the scope they were made in and end with it.
    ///
    /// @throws MemoryUseException if the new scope has ended or belongs to another manager
    /// @throws MemoryExhaustedException if the old owner is guaranteed what it would no longer
    ///   hold, and there is no room to keep that free; nothing was moved
    public void moveTo(MemoryScope newScope) {
        pool.ledger().move(this, newScope);
    }

    /// Whether it was closed, by its owner or with its scope. Cheap; any thread.
    public boolean isClosed() {
        return closed;
    }

    public int pageCount() {
        lock();
        try {
            return heldCount;
        } finally {
            unlock();
        }
    }

    public long heldBytes() {
        return held();
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    @Override
    public void close() {
        pool.ledger().closeLease(this);
    }

    @Override
    long held() {
        return (long) pageCount() * MemoryManager.PAGE_SIZE_BYTES;
    }

    @Override
    long granted() {
        return (long) granted.count() * MemoryManager.PAGE_SIZE_BYTES;
    }

    @Override
    Leak.Kind kind() {
        return Leak.Kind.PAGES;
    }

    private long takeUnused() {
        lock();
        try {
            requireOpen();
            int page = pool.scarce ? -1 : takeOneUnused();
            return page < 0 ? 0 : pages.address(page);
        } finally {
            unlock();
        }
    }

    /// Called with the latch held.
    private int takeOneUnused() {
        if (unusedCount == 0) {
            return -1;
        }
        int page = unused[--unusedCount];
        pages.keeper(page, number);
        heldCount++;
        return page;
    }

    private int unusedMax() {
        return Math.clamp(heldCount / UNUSED_SHARE, 1, UNUSED_MAX);
    }

    // What follows is called with the ledger's lock held.

    /// Makes one unused page held.
    ///
    /// @return the page, or -1 if there is none
    int pollUnused() {
        lock();
        try {
            return takeOneUnused();
        } finally {
            unlock();
        }
    }

    /// Takes over pages that are in the list already: the first `held` are held, the rest unused.
    void receive(int[] fresh, int held) {
        lock();
        try {
            if (unusedCount + fresh.length - held > unused.length) {
                unused = Arrays.copyOf(unused, unusedCount + fresh.length);
            }
            for (int i = 0; i < fresh.length; i++) {
                if (i < held) {
                    pages.keeper(fresh[i], number);
                } else {
                    unused[unusedCount++] = fresh[i];
                }
            }
            heldCount += held;
        } finally {
            unlock();
        }
    }

    /// Hands out unused pages, which stay in the list for the caller to remove.
    ///
    /// @param all whether to keep none, else half of what it may keep
    int[] yieldUnused(boolean all) {
        lock();
        try {
            int keep = all ? 0 : Math.min(unusedCount, unusedMax() / 2);
            int[] yielded = Arrays.copyOfRange(unused, keep, unusedCount);
            unusedCount = keep;
            return yielded;
        } finally {
            unlock();
        }
    }

    @Override
    void shut(boolean byScope) {
        lock();
        try {
            super.shut(byScope);
            heldCount = 0;
            unusedCount = 0;
        } finally {
            unlock();
        }
    }

    /// How many pages to ask for when one is needed: more for a lease that has many.
    int quantum(int most) {
        return Math.clamp(heldCount / UNUSED_SHARE, 1, most);
    }

    private void lock() {
        int spins = 0;
        while (!LATCH.compareAndSet(this, 0, 1)) {
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private void unlock() {
        LATCH.setRelease(this, 0);
    }
}
