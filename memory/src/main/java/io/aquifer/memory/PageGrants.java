package io.aquifer.memory;

import io.aquifer.memory.kernel.PageAccess;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/// Moves pages between pools and leases. Guarded by the ledger's lock; charges nothing.
///
/// A page comes from the newest dirty pages of the pool, whose contents are likely in a cache of
/// the processor, else from the lowest clean ones. It is wiped when another tenant used it last.
final class PageGrants {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int QUANTUM_PAGES_MAX = 32;
    private static final int TENANT_LOOKS = 32;

    private final PageTable pages;
    private final DirtyPages dirty;
    private final MemoryPool managed;
    private final MemoryPool network;

    PageGrants(PageTable pages, DirtyPages dirty, MemoryPool managed, MemoryPool network) {
        this.pages = pages;
        this.dirty = dirty;
        this.managed = managed;
        this.network = network;
    }

    /// Takes `count` pages for a lease, already charged, out of its pool and makes them held.
    ///
    /// @return the pages; null if the operating system refused one, and then nothing has changed
    int @Nullable [] grant(PageLease lease, int count) {
        int[] taken = take(lease, count);
        if (taken.length < count) {
            Arrays.sort(taken);
            pages.putClean(taken, 0, taken.length);
            return null;
        }
        give(lease, taken, taken.length);
        return taken;
    }

    /// Gives a lease pages ahead of its need.
    ///
    /// @param freeBytes what it may have
    /// @return how many it got, which are to be charged
    int grantAhead(PageLease lease, long freeBytes) {
        long most = Math.min(freeBytes / PAGE, lease.quantum(QUANTUM_PAGES_MAX) - 1);
        if (most <= 0) {
            return 0;
        }
        int[] extra = take(lease, (int) most);
        give(lease, extra, 0);
        return extra.length;
    }

    private void give(PageLease lease, int[] taken, int held) {
        int tenant = tenant(lease.scope);
        for (int page : taken) {
            pages.push(lease.granted, page, lease, tenant);
        }
        dirty.shrinkTo(lease.pool, lease.pool.limitBytes);
        lease.receive(taken, held);
    }

    /// Takes pages out of the pool; fewer if the operating system refuses.
    private int[] take(PageLease lease, int count) {
        MemoryPool pool = lease.pool;
        int tenant = tenant(lease.scope);
        int[] taken = new int[count];
        int found = 0;
        try {
            while (found < count) {
                int page = takeDirty(pool, tenant);
                page = page >= 0 ? page : pages.takeClean(tenant);
                page = page >= 0 ? page : takeAfterCleaning(tenant);
                if (page < 0) {
                    return Arrays.copyOf(taken, found);
                }
                taken[found++] = page;
            }
        } catch (OutOfMemoryError refused) {
            taken = Arrays.copyOf(taken, found);
        }
        pool.dirtyLeast = Math.min(pool.dirtyLeast, pool.dirty.count());
        return taken;
    }

    /// Who a page is wiped for when it passes to another: the job; and where pages go only by
    /// extents, the scope, so that its views end with it.
    int tenant(MemoryScope scope) {
        return pages.sharesExtents() ? scope.root().id : scope.id;
    }

    /// Takes a page where extents belong to tenants and all that are left are others'.
    private int takeAfterCleaning(int tenant) {
        for (MemoryPool pool : List.of(network, managed)) {
            while (pool.dirty.count() > 0) {
                dirty.clean(pool, Math.min(pool.dirty.count(), DirtyPages.BATCH_PAGES));
                int page = pages.takeClean(tenant);
                if (page >= 0) {
                    return page;
                }
            }
        }
        return pages.takeShared(tenant);
    }

    private int takeDirty(MemoryPool pool, int tenant) {
        if (pool.dirty.count() == 0) {
            return -1;
        }
        if (!pages.sharesExtents()) {
            return pages.takeOfTenant(pool.dirty, tenant, TENANT_LOOKS);
        }
        int page = pages.takeNewest(pool.dirty);
        pages.checkPoison(page);
        if (pages.tenant(page) != tenant) {
            PageAccess.fill(pages.address(page), PAGE, (byte) 0);
        }
        return page;
    }

    /// Takes unused pages of a lease back into its pool.
    ///
    /// @param all whether to leave the lease none
    /// @return how many, which are no longer charged
    int takeBack(PageLease lease, boolean all) {
        int[] unused = lease.yieldUnused(all);
        int tenant = tenant(lease.scope);
        for (int page : unused) {
            pages.remove(lease.granted, page);
            pages.poison(page);
            pages.push(lease.pool.dirty, page, null, tenant);
        }
        return unused.length;
    }

    /// Moves all pages of a lease, which is shut, into another list.
    void takeAll(PageLease lease, PageTable.PageList to) {
        pages.poison(lease.granted);
        pages.moveAll(lease.granted, to);
    }

    /// Makes the views of a scope's pages throw, where they end with their extents: takes its
    /// released pages along and gives all that are kept back to the system.
    ///
    /// @return false if an IO operation uses a view right now
    boolean endViews(MemoryScope scope, PageTable.PageList kept) {
        if (pages.sharesExtents()) {
            return true;
        }
        pages.moveOfTenant(managed.dirty, kept, scope.id);
        pages.moveOfTenant(network.dirty, kept, scope.id);
        return pages.tryPutClean(kept);
    }

    /// Lets pages be used again that were kept apart.
    void free(PageTable.PageList kept, MemoryPool pool) {
        pages.moveAll(kept, pool.dirty);
        dirty.shrinkTo(pool, pool.limitBytes);
    }
}
