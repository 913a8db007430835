package io.aquifer.memory;

import io.aquifer.memory.space.AddressSpace;
import io.aquifer.memory.space.PageSpace;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;

/// What the ledger knows of each page: where it is and who has it.
///
/// **Invariant**: every page is in exactly one place: *clean* (a bit is set; it takes no memory),
/// in the list of the lease that it was granted to, *dirty* (released but still resident) in the
/// list of its pool, or in the list of a quarantine.
///
/// Lists, holders and tenants are guarded by the ledger's lock. Whether a granted page is held is
/// guarded by the latch of its lease, so that the usual allocation takes no lock that is shared. It
/// is one number that also says by which lease, so that a lease never takes another's page for its
/// own, however the two race. Entries lie in blocks that never move, so it can be written while the
/// table grows.
///
/// | Field                        | Written under       | Read under                            |
/// |------------------------------|---------------------|---------------------------------------|
/// | older, newer, tenant, holder | ledger's lock       | ledger's lock                         |
/// | keeper                       | latch of the lease  | a latch; exact for the lease's number |
final class PageTable {
    /// The keeper of a page that no lease holds.
    static final int NOBODY = 0;

    private static final int NONE = -1;

    /// The tenant of an extent that several use.
    private static final int SHARED = -1;

    private static final int BLOCK_SHIFT = 12;
    private static final int BLOCK_PAGES = 1 << BLOCK_SHIFT;
    private static final int IN_BLOCK = BLOCK_PAGES - 1;

    /// Sixteen keepers are a cache line.
    private static final int LINE_SHIFT = 4;

    /// A list of pages, newest first; its links live in the table.
    static final class PageList {
        private int newest = NONE;
        private int oldest = NONE;
        private int count;

        int count() {
            return count;
        }
    }

    /// What is known of [#BLOCK_PAGES] pages; made when the first of them is taken.
    private static final class Block {
        final int[] older = new int[BLOCK_PAGES];
        final int[] newer = new int[BLOCK_PAGES];
        final int[] tenant = new int[BLOCK_PAGES];
        final int[] keeper = new int[BLOCK_PAGES];
        final @Nullable PageLease[] holder = new @Nullable PageLease[BLOCK_PAGES];
    }

    private final PageSpace space;
    private final BitSet clean;
    private final Block[] blocks;

    /// By extent: the tenant whose pages alone may lie in it, 0 for nobody. Extents of one page
    /// need no owner.
    private final int[] extentTenant;

    private final int[] extentPages;
    private final int pagesPerExtent;
    private final AtomicLong lastLease = new AtomicLong();

    /// Extents in which somebody may have a view; those of one tenant only.
    private final BitSet viewed = new BitSet();

    private int cleanFrom;

    /// No whole clean extent lies before this page.
    private int hugeFrom;

    PageTable(PageSpace space) {
        this.space = space;
        this.clean = new BitSet(space.pageCount());
        clean.set(0, space.pageCount());
        this.blocks = new Block[(space.pageCount() + BLOCK_PAGES - 1) >> BLOCK_SHIFT];
        this.pagesPerExtent = space.extentPages();
        int extents = pagesPerExtent == 1 ? 0 : space.pageCount() / pagesPerExtent + 1;
        this.extentTenant = new int[extents];
        this.extentPages = new int[extents];
    }

    PageSpace space() {
        return space;
    }

    long address(int page) {
        return space.address(page);
    }

    int pageAt(long address) {
        return space.pageAt(address);
    }

    /// Who was granted the page, or null.
    @Nullable PageLease holder(int page) {
        Block block = blocks[page >> BLOCK_SHIFT];
        return block == null ? null : block.holder[page & IN_BLOCK];
    }

    /// The number of the lease that holds the page, or [#NOBODY].
    int keeper(int page) {
        Block block = blocks[page >> BLOCK_SHIFT];
        return block == null ? NOBODY : block.keeper[keeperSlot(page)];
    }

    void keeper(int page, int lease) {
        blocks[page >> BLOCK_SHIFT].keeper[keeperSlot(page)] = lease;
    }

    /// Where in its block a page's keeper is: neighbours are on different cache lines, since they
    /// often belong to different threads.
    private static int keeperSlot(int page) {
        int at = page & IN_BLOCK;
        return (at << LINE_SHIFT | at >> BLOCK_SHIFT - LINE_SHIFT) & IN_BLOCK;
    }

    /// A number for a lease, above 0; the same again only after 2^31 others.
    int nextLeaseNumber() {
        return (int) (lastLease.incrementAndGet() % Integer.MAX_VALUE) + 1;
    }

    /// Whose the page was last: the id of a scope without parent.
    int tenant(int page) {
        return blocks[page >> BLOCK_SHIFT].tenant[page & IN_BLOCK];
    }

    /// Takes the lowest clean page, so that use stays dense and free ranges coalesce; one of the
    /// tenant's own extents or of a free one as long as there are any.
    ///
    /// @throws OutOfMemoryError if the operating system has no memory; nothing was changed
    int takeClean(int tenant) {
        int lowest = lowestClean();
        int page = lowest;
        while (page >= 0 && pagesPerExtent > 1 && !mayUse(page / pagesPerExtent, tenant)) {
            page = clean.nextSetBit((page / pagesPerExtent + 1) * pagesPerExtent);
        }
        if (page < 0) {
            // Better a page of a shared extent than none though the budget has room.
            page = lowest;
            while (page >= 0 && viewed.get(page / pagesPerExtent)) {
                page = clean.nextSetBit((page / pagesPerExtent + 1) * pagesPerExtent);
            }
            if (page < 0) {
                throw new OutOfMemoryError("all extents left have views of others");
            }
        }
        commit(page);
        clean.clear(page);
        cleanFrom = page == lowest ? page + 1 : lowest;
        if (pagesPerExtent > 1) {
            int extent = page / pagesPerExtent;
            extentTenant[extent] = mayUse(extent, tenant) ? tenant : SHARED;
            extentPages[page / pagesPerExtent]++;
        }
        return page;
    }

    /// Takes a whole clean extent that is to have huge pages.
    ///
    /// @return its pages in order; none if there is no such extent, or the system gives none
    int[] takeHugeExtent(int tenant) {
        if (!sharesExtents()) {
            return new int[0];
        }
        int size = PageSpace.HUGE_EXTENT_PAGES;
        int first = clean.nextSetBit(Math.max(cleanFrom, hugeFrom));
        while (first >= 0) {
            int start = (first + size - 1) / size * size;
            int end = clean.nextClearBit(start);
            if (start + size > space.pageCount()) {
                break;
            }
            if (end >= start + size) {
                hugeFrom = start + size;
                return space.preferHuge(start) ? takeClean(start, size) : new int[0];
            }
            first = clean.nextSetBit(end);
        }
        hugeFrom = space.pageCount();
        return new int[0];
    }

    /// Takes clean pages side by side: all, or none if the system refuses one.
    private int[] takeClean(int start, int count) {
        int[] taken = new int[count];
        int done = 0;
        try {
            while (done < count) {
                taken[done] = start + done;
                commit(start + done);
                done++;
            }
        } catch (OutOfMemoryError refused) {
            space.decommit(taken, 0, done);
            return new int[0];
        }
        clean.clear(start, start + count);
        return taken;
    }

    /// Takes the lowest clean page and those beside it, where any tenant may take any page.
    ///
    /// @param taken gets the pages, from `start` on, until it is full
    /// @return how many, at least one
    /// @throws OutOfMemoryError if the operating system has no memory; nothing was changed
    int takeCleanRun(int[] taken, int start) {
        int first = lowestClean();
        int end = Math.min(clean.nextClearBit(first), first + taken.length - start);
        int next = first;
        try {
            while (next < end) {
                commit(next);
                taken[start + next - first] = next;
                next++;
            }
        } catch (OutOfMemoryError refused) {
            if (next == first) {
                throw refused;
            }
        }
        clean.clear(first, next);
        cleanFrom = next;
        return next - first;
    }

    private void commit(int page) {
        if (blocks[page >> BLOCK_SHIFT] == null) {
            blocks[page >> BLOCK_SHIFT] = new Block();
        }
        space.commit(page);
    }

    private int lowestClean() {
        int page = clean.nextSetBit(cleanFrom);
        if (page < 0) {
            throw new IllegalStateException("the ledger promised a clean page and there is none");
        }
        return page;
    }

    private boolean mayUse(int extent, int tenant) {
        return extentTenant[extent] == 0 || extentTenant[extent] == tenant;
    }

    /// Decommits pages that are in no list; `pages[from..to)` must be sorted.
    void putClean(int[] pages, int from, int to) {
        space.decommit(pages, from, to);
        for (int i = from; i < to; i++) {
            markClean(pages[i]);
        }
    }

    private void markClean(int page) {
        clean.set(page);
        cleanFrom = Math.min(cleanFrom, page);
        hugeFrom =
                Math.min(
                        hugeFrom, page / PageSpace.HUGE_EXTENT_PAGES * PageSpace.HUGE_EXTENT_PAGES);
        if (pagesPerExtent > 1 && --extentPages[page / pagesPerExtent] == 0) {
            extentTenant[page / pagesPerExtent] = 0;
            viewed.clear(page / pagesPerExtent);
        }
    }

    /// Keeps the extent of a page for its tenant, since somebody gets a view of it that ends with
    /// the extent.
    ///
    /// @return false if the extent has pages of others
    boolean keepForViews(int page) {
        if (pagesPerExtent > 1) {
            int extent = page / pagesPerExtent;
            if (extentTenant[extent] != tenant(page)) {
                return false;
            }
            viewed.set(extent);
        }
        return true;
    }

    /// Whether somebody may have a view that ends with the page's extent.
    boolean isViewed(int page) {
        return pagesPerExtent > 1 && viewed.get(page / pagesPerExtent);
    }

    /// Decommits the pages of a list in extents of which there may be views, and ends these, but
    /// for the extents that an IO operation uses. Other pages stay as they are.
    ///
    /// @return whether no such page is left in the list
    boolean tryPutViewedClean(PageList list) {
        int[] all = takeIf(list, this::isViewed);
        int[] stayed = space.tryDecommit(all, 0, all.length);
        int next = 0;
        for (int page : all) {
            if (next < stayed.length && stayed[next] == page) {
                push(list, page, null, tenant(page));
                next++;
            } else {
                markClean(page);
            }
        }
        return next == 0;
    }

    /// Puts a page that is in no list in front of one.
    void push(PageList list, int page, @Nullable PageLease newHolder, int tenant) {
        Block block = blocks[page >> BLOCK_SHIFT];
        int at = page & IN_BLOCK;
        block.holder[at] = newHolder;
        block.tenant[at] = tenant;
        block.older[at] = list.newest;
        block.newer[at] = NONE;
        if (list.newest == NONE) {
            list.oldest = page;
        } else {
            blocks[list.newest >> BLOCK_SHIFT].newer[list.newest & IN_BLOCK] = page;
        }
        list.newest = page;
        list.count++;
    }

    void remove(PageList list, int page) {
        Block block = blocks[page >> BLOCK_SHIFT];
        int at = page & IN_BLOCK;
        int before = block.older[at];
        int after = block.newer[at];
        if (before == NONE) {
            list.oldest = after;
        } else {
            blocks[before >> BLOCK_SHIFT].newer[before & IN_BLOCK] = after;
        }
        if (after == NONE) {
            list.newest = before;
        } else {
            blocks[after >> BLOCK_SHIFT].older[after & IN_BLOCK] = before;
        }
        block.holder[at] = null;
        list.count--;
    }

    /// Moves the newest pages of one list, up to the first that another tenant used last, in front
    /// of the list of a lease that gets them.
    ///
    /// @param moved gets the pages, from `start` on until it is full
    /// @return how many
    int moveRun(PageList from, PageList to, PageLease holder, int tenant, int[] moved, int start) {
        int last = NONE;
        int next = from.newest;
        int end = start;
        while (end < moved.length && next != NONE) {
            Block block = blocks[next >> BLOCK_SHIFT];
            int at = next & IN_BLOCK;
            if (block.tenant[at] != tenant) {
                break;
            }
            block.holder[at] = holder;
            moved[end++] = next;
            last = next;
            next = block.older[at];
        }
        if (end > start) {
            int first = from.newest;
            from.newest = next;
            from.count -= end - start;
            if (next == NONE) {
                from.oldest = NONE;
            } else {
                newer(next, NONE);
            }
            putInFront(to, first, last, end - start);
        }
        return end - start;
    }

    /// Puts linked pages in front of a list.
    private void putInFront(PageList to, int first, int last, int count) {
        blocks[last >> BLOCK_SHIFT].older[last & IN_BLOCK] = to.newest;
        if (to.newest == NONE) {
            to.oldest = last;
        } else {
            newer(to.newest, last);
        }
        to.newest = first;
        to.count += count;
    }

    private void newer(int page, int newer) {
        blocks[page >> BLOCK_SHIFT].newer[page & IN_BLOCK] = newer;
    }

    /// Moves all pages of one list in front of another; nobody holds them then.
    void moveAll(PageList from, PageList to) {
        for (int page = from.newest; page != NONE; page = older(page)) {
            Block block = blocks[page >> BLOCK_SHIFT];
            block.holder[page & IN_BLOCK] = null;
            block.keeper[keeperSlot(page)] = NOBODY;
        }
        if (from.count > 0) {
            putInFront(to, from.newest, from.oldest, from.count);
            from.newest = NONE;
            from.oldest = NONE;
            from.count = 0;
        }
    }

    /// Gives all pages of a list, which stay in it, another holder and tenant.
    void rename(PageList list, PageLease holder, int tenant) {
        for (int page = list.newest; page != NONE; page = older(page)) {
            Block block = blocks[page >> BLOCK_SHIFT];
            block.holder[page & IN_BLOCK] = holder;
            block.tenant[page & IN_BLOCK] = tenant;
            if (pagesPerExtent > 1 && extentTenant[page / pagesPerExtent] != SHARED) {
                extentTenant[page / pagesPerExtent] = tenant;
            }
        }
    }

    /// The newest page of a list that is not empty, which leaves the list.
    int takeNewest(PageList list) {
        int page = list.newest;
        remove(list, page);
        return page;
    }

    /// The newest page that `tenant` used last and that leaves the list, looking at no more than
    /// `looks` pages; or -1. Only in spaces whose extents belong to tenants.
    int takeOfTenant(PageList list, int tenant, int looks) {
        int page = list.newest;
        for (int i = 0; i < looks && page != NONE; i++) {
            if (tenant(page) == tenant) {
                remove(list, page);
                return page;
            }
            page = older(page);
        }
        return NONE;
    }

    /// Whether released pages are poisoned or guarded, to find who still uses them.
    boolean isChecked() {
        return AddressSpace.POISONED || AddressSpace.GUARDED;
    }

    /// Puts a page that is in no list where released pages go: among the dirty ones, or in the
    /// guard mode among the clean ones, where each access to it throws.
    void putReleased(PageList dirty, int page, int tenant) {
        if (AddressSpace.GUARDED && space.guard(page)) {
            markClean(page);
            return;
        }
        if (AddressSpace.POISONED) {
            space.poison(page);
        }
        push(dirty, page, null, tenant);
    }

    /// Puts all pages of a list where released pages go.
    void releaseAll(PageList from, PageList dirty) {
        if (!isChecked()) {
            moveAll(from, dirty);
            return;
        }
        while (from.count > 0) {
            int tenant = tenant(from.newest);
            int page = takeNewest(from);
            keeper(page, NOBODY);
            putReleased(dirty, page, tenant);
        }
    }

    /// The offset of the first byte that somebody wrote to a dirty page, or -1 if nobody did or it
    /// is not checked.
    int writtenSinceRelease(int page) {
        return AddressSpace.POISONED ? space.checkPoison(page) : NONE;
    }

    /// The pages of a list that `tenant` used last, sorted, which leave the list.
    int[] takeAllOfTenant(PageList list, int tenant) {
        return takeIf(list, page -> tenant(page) == tenant);
    }

    private int[] takeIf(PageList list, IntPredicate which) {
        int[] found = new int[list.count];
        int count = 0;
        int page = list.newest;
        while (page != NONE) {
            int next = older(page);
            if (which.test(page)) {
                remove(list, page);
                found[count++] = page;
            }
            page = next;
        }
        int[] sorted = Arrays.copyOf(found, count);
        Arrays.sort(sorted);
        return sorted;
    }

    /// Who stands for the users of a scope's pages: they pass between the scopes of one tenant
    /// without being wiped. The job, or where extents belong to tenants, the scope itself.
    int tenantOf(MemoryScope scope) {
        return sharesExtents() ? scope.root().id : scope.id;
    }

    /// Whether any tenant may take any page.
    boolean sharesExtents() {
        return pagesPerExtent == 1;
    }

    /// Up to `countMax` of the oldest pages, sorted, which leave the list.
    int[] takeOldest(PageList list, int countMax) {
        int[] pages = new int[Math.min(list.count, countMax)];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = list.oldest;
            remove(list, pages[i]);
        }
        Arrays.sort(pages);
        return pages;
    }

    private int older(int page) {
        return blocks[page >> BLOCK_SHIFT].older[page & IN_BLOCK];
    }
}
