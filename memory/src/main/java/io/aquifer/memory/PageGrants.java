package io.aquifer.memory;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.memory.space.PageSpace;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// Moves pages between pools and leases. Guarded by the ledger's lock; charges nothing.
///
/// A page comes from the newest dirty pages of the pool, whose contents are likely in a cache of
/// the processor, else from the lowest clean ones. It is wiped when another tenant used it last.
final class PageGrants {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int QUANTUM_PAGES_MAX = 32;
    private static final int TENANT_LOOKS = 32;

    /// 64 MiB.
    private static final int HUGE_LEASE_PAGES = 2048;

    private final PageTable pages;
    private final DirtyPages dirty;

    PageGrants(PageTable pages, DirtyPages dirty) {
        this.pages = pages;
        this.dirty = dirty;
    }

    /// Takes `count` pages for a lease, already charged, out of its pool and makes them held.
    ///
    /// @return the pages; null if the operating system refused one, and then nothing has changed
    int @Nullable [] grant(PageLease lease, int count) {
        int[] taken = take(lease, count, 0);
        if (taken.length < count) {
            for (int page : taken) {
                pages.remove(lease.granted, page);
            }
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
        if (isLarge(lease) && freeBytes >= PageSpace.HUGE_EXTENT_PAGES * (long) PAGE) {
            int tenant = pages.tenantOf(lease.scope);
            int[] extent = pages.takeHugeExtent(tenant);
            for (int page : extent) {
                pages.push(lease.granted, page, lease, tenant);
            }
            give(lease, extent, 0);
            if (extent.length > 0) {
                return extent.length;
            }
        }
        long most = Math.min(freeBytes / PAGE, lease.quantum(QUANTUM_PAGES_MAX) - 1);
        if (most <= 0) {
            return 0;
        }
        int[] extra = take(lease, (int) most, most * PAGE);
        give(lease, extra, 0);
        return extra.length;
    }

    /// Whether a lease has so much that it gets fresh memory by whole extents, which then have huge
    /// pages: they are worth their first touch only in memory that is large and lives long.
    private static boolean isLarge(PageLease lease) {
        return lease.granted.count() >= HUGE_LEASE_PAGES && lease.pool.dirty.count() == 0;
    }

    /// Tells a lease of pages that are in its list already.
    private void give(PageLease lease, int[] taken, int held) {
        dirty.shrinkTo(lease.pool, lease.pool.limitBytes);
        lease.receive(taken, held);
    }

    /// Takes pages out of the pool into the lease's list; fewer if the operating system refuses.
    ///
    /// @param unchargedBytes what of that is not charged yet
    /// @throws MemoryUseException in the poison mode, if somebody wrote to a page since its
    ///   release; nothing has changed
    private int[] take(PageLease lease, int count, long unchargedBytes) {
        MemoryPool pool = lease.pool;
        int tenant = pages.tenantOf(lease.scope);
        int[] taken = new int[count];
        int found = takeDirty(lease, tenant, taken);
        if (found < count) {
            // Dirty pages that are left are not this tenant's: clean ones must take their place.
            dirty.shrinkTo(pool, pool.limitBytes - unchargedBytes);
            try {
                while (found < count) {
                    int end = found + takeClean(tenant, taken, found);
                    while (found < end) {
                        pages.push(lease.granted, taken[found++], lease, tenant);
                    }
                }
            } catch (OutOfMemoryError refused) {
                taken = Arrays.copyOf(taken, found);
            }
        }
        pool.dirtyLeast = Math.min(pool.dirtyLeast, pool.dirty.count());
        return taken;
    }

    /// Takes at least one clean page.
    ///
    /// @return how many, from `start` in `taken`
    private int takeClean(int tenant, int[] taken, int start) {
        if (pages.sharesExtents()) {
            return pages.takeCleanRun(taken, start);
        }
        taken[start] = pages.takeClean(tenant);
        return 1;
    }

    /// Takes released pages into the lease's list.
    ///
    /// @return how many, from the start of `taken`
    private int takeDirty(PageLease lease, int tenant, int[] taken) {
        MemoryPool pool = lease.pool;
        int found = 0;
        while (found < taken.length && pool.dirty.count() > 0) {
            if (!pages.isChecked() && pages.sharesExtents()) {
                found += pages.moveRun(pool.dirty, lease.granted, lease, tenant, taken, found);
                if (found == taken.length || pool.dirty.count() == 0) {
                    break;
                }
            }
            int page;
            try {
                page = takeDirty(pool, tenant);
            } catch (MemoryUseException written) {
                for (int i = 0; i < found; i++) {
                    pages.remove(lease.granted, taken[i]);
                    pages.push(pool.dirty, taken[i], null, tenant);
                }
                throw written;
            }
            if (page < 0) {
                break;
            }
            pages.push(lease.granted, page, lease, tenant);
            taken[found++] = page;
        }
        return found;
    }

    /// Takes one released page, wiped if another tenant used it last; or -1.
    private int takeDirty(MemoryPool pool, int tenant) {
        if (!pages.sharesExtents()) {
            return pages.takeOfTenant(pool.dirty, tenant, TENANT_LOOKS);
        }
        int page = pages.takeNewest(pool.dirty);
        int written = pages.writtenSinceRelease(page);
        if (written >= 0) {
            pages.push(pool.dirty, page, null, tenant);
            throw MemoryUseException.writtenSinceRelease(pages.address(page) + written);
        }
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
        return takeBack(lease, lease.yieldUnused(all));
    }

    /// As [#takeBack], of the pages that were of no use since the last call.
    int takeBackIdle(PageLease lease) {
        return takeBack(lease, lease.yieldIdle());
    }

    private int takeBack(PageLease lease, int[] unused) {
        int tenant = pages.tenantOf(lease.scope);
        for (int page : unused) {
            pages.remove(lease.granted, page);
            pages.putReleased(lease.pool.dirty, page, tenant);
        }
        return unused.length;
    }

    /// Puts all pages of a lease, which is shut, where released pages go.
    void releaseAll(PageLease lease) {
        pages.releaseAll(lease.granted, lease.pool.dirty);
    }

    /// Keeps all pages of a lease, which is shut, apart.
    void keepApart(PageLease lease, PageTable.PageList apart) {
        pages.moveAll(lease.granted, apart);
    }

    /// Makes the views of a scope's pages throw, where they end with their extents: decommits the
    /// extents of which there are views, with what the scope has released in them.
    ///
    /// @return false if an IO operation uses a view right now
    boolean endViews(MemoryScope scope, PageTable.PageList apart) {
        if (pages.sharesExtents()) {
            return true;
        }
        for (MemoryPool each : scope.ledger().pools()) {
            for (int page : pages.takeAllOfTenant(each.dirty, scope.id)) {
                pages.push(pages.isViewed(page) ? apart : each.dirty, page, null, scope.id);
            }
        }
        return pages.tryPutViewedClean(apart);
    }

    /// Lets pages be used again that were kept apart since their scope ended. Where extents belong
    /// to scopes, they and what the scope has released are decommitted, so that others get their
    /// extents.
    void free(MemoryScope scope, PageTable.PageList apart, MemoryPool pool) {
        pages.releaseAll(apart, pool.dirty);
        if (!pages.sharesExtents()) {
            for (MemoryPool each : scope.ledger().pools()) {
                int[] own = pages.takeAllOfTenant(each.dirty, scope.id);
                pages.putClean(own, 0, own.length);
            }
        }
        dirty.shrinkTo(pool, pool.limitBytes);
    }
}
