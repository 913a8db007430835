package io.aquifer.memory;

import java.lang.foreign.MemorySegment;

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
/// **Speed.** The ledger grants pages by a few at a time, and while memory is plenty a lease keeps
/// some that were released, so most calls take a latch of this lease alone; when one thread takes
/// pages and another gives them back, each has a latch of its own. What is not used is charged, and
/// the first thing to be taken when somebody else finds no room.
public final class PageLease extends Lease implements AutoCloseable {
    private static final int UNUSED_MAX = 64;
    private static final int UNUSED_SHARE = 8;
    private static final int QUANTUM_OF_SPARE = 4;

    /// How many releases in a row by the wrong thread change where releases go.
    private static final int MISPLACED_MAX = 16;

    /// All pages granted, held or not. Guarded by the ledger's lock.
    final PageTable.PageList granted = new PageTable.PageList();

    private final PageTable pages;

    /// What the page table knows this lease by.
    private final int number;

    /// What pages are allocated from.
    private final Magazine loaded = new Magazine();

    /// What pages are released to while one thread takes them and another gives them back, so that
    /// the two meet once for many pages; else empty.
    private final Magazine returned = new Magazine();

    /// Whether releases go to `returned`. Changed under both latches.
    private volatile boolean handedOver;

    /// The thread that allocated last; a guess.
    private long takerId;

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
        Magazine to = lockForRelease();
        boolean misplaced = false;
        try {
            refused = isForeign(page);
            if (!refused) {
                pages.keeper(page, PageTable.NOBODY);
                to.push(page);
                to.out--;
                tooMany = to.count() > mostIn(to) || pages.isChecked();
                misplaced = isMisplaced(to);
            }
        } finally {
            to.unlock();
        }
        if (refused) {
            pool.ledger().requests().explainRefusal(this, "release", address);
        } else if (tooMany) {
            pool.ledger().requests().takeBackUnused(this);
        } else if (misplaced) {
            handOver(to == loaded);
        }
    }

    /// Latches the magazine that releases go to.
    private Magazine lockForRelease() {
        while (true) {
            boolean overThere = handedOver;
            Magazine to = overThere ? returned : loaded;
            to.lock();
            if (handedOver == overThere) {
                return to;
            }
            to.unlock();
        }
    }

    /// Called with the latch held of the magazine that releases go to, so that of two releases of
    /// the same page one is refused.
    private boolean isForeign(int page) {
        return closed || page < 0 || pages.keeper(page) != number;
    }

    /// Whether it was often enough another thread that gave pages back than `to` is meant for.
    /// Called with its latch held.
    private boolean isMisplaced(Magazine to) {
        boolean byTaker = Thread.currentThread().threadId() == takerId;
        if (byTaker == (to == loaded)) {
            if (to.misplaced != 0) {
                to.misplaced = 0;
            }
            return false;
        }
        return ++to.misplaced >= MISPLACED_MAX;
    }

    /// Says where pages are released to: to `returned` if other threads do that than take them.
    void handOver(boolean byOthers) {
        lockBoth();
        loaded.take(returned);
        loaded.misplaced = 0;
        returned.misplaced = 0;
        returned.most = unusedMax();
        handedOver = byOthers;
        unlockBoth();
    }

    /// A checked view of a page that this lease holds: accesses are bounded by the page, and throw
    /// [IllegalStateException] from the moment the scope that holds it now has ended.
    ///
    /// A thread that uses views [enters][MemoryScope#enter] their scope, or ends before it: the
    /// virtual machine may let a store that was under way finish after the view has ended (seen
    /// with JDK 25). Who is inside keeps the page from being let again; for others it is kept back
    /// for 100 ms. A thread that is thrown out of an access is left interrupted by the virtual
    /// machine.
    ///
    /// A view does not notice that its page was released alone; release pages whose views are still
    /// used, and you read your own job's later bytes.
    ///
    /// @throws MemoryUseException if this lease does not hold a page that starts there
    public MemorySegment view(long address) {
        int page = pages.pageAt(address);
        Magazine latched = lockForRelease();
        boolean refused = isForeign(page);
        latched.unlock();
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
        lockBoth();
        try {
            return loaded.out + returned.out;
        } finally {
            unlockBoth();
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
        loaded.lock();
        try {
            requireOpen();
            int page = pool.isScarce() ? -1 : takeOneUnused();
            return page < 0 ? 0 : pages.address(page);
        } finally {
            loaded.unlock();
        }
    }

    /// Whether releases are taken to be other threads' than those that allocate.
    boolean isHandedOver() {
        return handedOver;
    }

    /// Called with the latch of `loaded` held.
    private int takeOneUnused() {
        if (handedOver && loaded.count() == 0) {
            returned.lock();
            loaded.take(returned);
            returned.most = unusedMax();
            returned.unlock();
        }
        int page = loaded.pop();
        if (page >= 0) {
            pages.keeper(page, number);
            loaded.out++;
            long self = Thread.currentThread().threadId();
            if (takerId != self) {
                takerId = self;
            }
        }
        return page;
    }

    /// How many pages the magazine that releases go to may have, as far as is known without
    /// latching the other. Called with its latch held.
    private int mostIn(Magazine to) {
        if (pool.isScarce()) {
            return 0;
        }
        return to == loaded ? unusedMax() : returned.most;
    }

    /// Exact with both latches held, or that of `loaded` while nothing is handed over.
    private int unusedMax() {
        return Math.max(pool.spare.pages, share(UNUSED_MAX));
    }

    private int share(int most) {
        return Math.clamp((loaded.out + returned.out) / UNUSED_SHARE, 1, most);
    }

    private void lockBoth() {
        loaded.lock();
        returned.lock();
    }

    private void unlockBoth() {
        returned.unlock();
        loaded.unlock();
    }

    // What follows is called with the ledger's lock held.

    /// Makes one unused page held.
    ///
    /// @return the page, or -1 if there is none
    int pollUnused() {
        loaded.lock();
        try {
            return takeOneUnused();
        } finally {
            loaded.unlock();
        }
    }

    /// Takes over pages that are in the list already: the first `held` are held, the rest unused.
    void receive(int[] fresh, int held) {
        loaded.lock();
        try {
            for (int i = 0; i < held; i++) {
                pages.keeper(fresh[i], number);
            }
            loaded.push(fresh, held, fresh.length);
            loaded.out += held;
        } finally {
            loaded.unlock();
        }
    }

    /// Hands out unused pages, which stay in the list for the caller to remove.
    ///
    /// @param all whether to keep none, else half of what it may keep
    int[] yieldUnused(boolean all) {
        lockBoth();
        try {
            loaded.take(returned);
            returned.most = unusedMax();
            return loaded.takeOldest(all ? 0 : unusedMax() / 2);
        } finally {
            unlockBoth();
        }
    }

    /// As [#yieldUnused], of the pages that were of no use since the last call.
    int[] yieldIdle() {
        lockBoth();
        try {
            int[] idle = loaded.takeIdle();
            loaded.take(returned);
            return idle;
        } finally {
            unlockBoth();
        }
    }

    @Override
    void shut(boolean byScope) {
        lockBoth();
        try {
            super.shut(byScope);
            loaded.clear();
            returned.clear();
        } finally {
            unlockBoth();
        }
    }

    /// How many pages to ask for when one is needed: more for a lease that has many.
    int quantum(int most) {
        return Math.max(share(most), pool.spare.pages / QUANTUM_OF_SPARE);
    }
}
