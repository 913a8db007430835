package io.aquifer.memory;

/// Released pages that are still resident: quick to let again and charged to their pool. Guarded by
/// the ledger's lock.
///
/// They go back to the operating system when their pool's limit needs the room, when somebody asks
/// for a purge, and otherwise by decay: at each look of the [Purger] half of those pages go that
/// were of no use since the look before. So a pool that is idle is empty after a second, and one in
/// use keeps what it uses.
final class DirtyPages {
    /// The most that is decommitted while the lock is held: 4 MiB, a fraction of a millisecond.
    static final int BATCH_PAGES = 128;

    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int DECAY_ALL = 64;

    private final PageTable pages;

    DirtyPages(PageTable pages) {
        this.pages = pages;
    }

    /// Decommits until the pool's resident bytes are at most `residentMax`, or no page is dirty.
    void shrinkTo(MemoryPool pool, long residentMax) {
        long excess = pool.resident() - residentMax;
        if (excess > 0) {
            clean(pool, (int) Math.min(pool.dirty.count(), (excess + PAGE - 1) / PAGE));
        }
    }

    /// Decommits the oldest pages.
    void clean(MemoryPool pool, int count) {
        int[] oldest = pages.takeOldest(pool.dirty, count);
        pages.putClean(oldest, 0, oldest.length);
        pool.dirtyLeast = Math.min(pool.dirtyLeast, pool.dirty.count());
    }

    /// How many pages to decommit now, a look after the last.
    static int decayed(MemoryPool pool) {
        int useless = Math.min(pool.dirtyLeast, pool.dirty.count());
        pool.dirtyLeast = pool.dirty.count();
        return useless <= DECAY_ALL ? useless : useless / 2;
    }
}
