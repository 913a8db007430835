package io.aquifer.memory;

/// Released pages that are still resident: quick to let again, charged to their pool, bounded in
/// number. Guarded by the ledger's lock.
///
/// **Invariant** after each release: a pool keeps at most an eighth of its limit dirty, never more
/// than 1,024 pages; beyond that the oldest half is decommitted at once, so that neighbours go in
/// one call.
final class DirtyPages {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int PAGES_MIN = 16;
    private static final int PAGES_MAX = 1024;
    private static final int SHARE = 8;

    private final PageTable pages;

    DirtyPages(PageTable pages) {
        this.pages = pages;
    }

    /// How many pages the pool may keep dirty.
    static int most(MemoryPool pool) {
        long share = pool.limitBytes / PAGE / SHARE;
        return (int) Math.max(PAGES_MIN, Math.min(PAGES_MAX, share));
    }

    /// Takes a page that its holder gave back and was charged for.
    void add(PageLease from, int page) {
        pages.remove(from.pages, page);
        pages.push(from.pool.dirty, page, null, from.scope.id);
        from.pool.heldBytes -= PAGE;
    }

    /// Holds the pool to its bound.
    void trim(MemoryPool pool) {
        int most = most(pool);
        if (pool.dirty.count() > most) {
            cleanOldest(pool, pool.dirty.count() - most / 2);
        }
    }

    /// Decommits until the pool's resident bytes are at most `residentMax`, or no page is dirty.
    void shrinkTo(MemoryPool pool, long residentMax) {
        long excess = pool.resident() - residentMax;
        if (excess > 0) {
            cleanOldest(pool, (int) Math.min(pool.dirty.count(), (excess + PAGE - 1) / PAGE));
        }
    }

    /// Decommits what a scope used last.
    void cleanOfScope(MemoryPool pool, int scope) {
        int[] left = pages.takeOfScope(pool.dirty, scope);
        pages.putClean(left, 0, left.length);
    }

    private void cleanOldest(MemoryPool pool, int count) {
        int[] oldest = pages.takeOldest(pool.dirty, count);
        pages.putClean(oldest, 0, oldest.length);
    }
}
