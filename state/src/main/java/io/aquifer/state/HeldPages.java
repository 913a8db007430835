package io.aquifer.state;

import java.util.Arrays;

/// The pages of one table: counts those it holds, and keeps a few back for what eviction needs, so
/// that giving memory back never waits for memory.
///
/// **Threads.** The table's; [#held] and what [#heldBytes] says may be read by any.
final class HeldPages implements PageSource {
    /// One page is kept for so many that are held.
    private static final int HELD_PER_KEPT = 64;

    /// Some for an eviction, and some for a merge.
    private static final int KEPT_MIN = 3;

    private final PageSource source;
    private final boolean keeps;
    private volatile int held;
    private long[] kept = new long[2];
    private int keptCount;

    /// @param keeps whether the table evicts
    HeldPages(PageSource source, boolean keeps) {
        this.source = source;
        this.keeps = keeps;
    }

    /// All pages held, kept ones included.
    int held() {
        return held;
    }

    int keptCount() {
        return keptCount;
    }

    @Override
    public long allocate() {
        long page = source.allocate();
        count(1);
        return page;
    }

    @Override
    public long tryAllocate() {
        long page = source.tryAllocate();
        count(page == 0 ? 0 : 1);
        return page;
    }

    @Override
    public void release(long address) {
        source.release(address);
        count(-1);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void count(int change) {
        held += change;
    }

    /// Takes pages to keep as long as there are any for nothing, and gives back those too many.
    void keep() {
        while (keeps && keptCount < KEPT_MIN + held / HELD_PER_KEPT) {
            long page = tryAllocate();
            if (page == 0) {
                return;
            }
            add(page);
        }
        while (keptCount > KEPT_MIN + held / HELD_PER_KEPT) {
            release(kept[--keptCount]);
        }
    }

    /// Kept pages, `most` at most: the caller's, who gives them back to the lease or by
    /// [#takeBack]; they are no longer counted here.
    long[] handOver(int most) {
        int handed = Math.min(most, keptCount);
        keptCount -= handed;
        count(-handed);
        return Arrays.copyOfRange(kept, keptCount, keptCount + handed);
    }

    /// Keeps a page that was handed over.
    void takeBack(long address) {
        count(1);
        add(address);
    }

    private void add(long page) {
        if (keptCount == kept.length) {
            kept = Arrays.copyOf(kept, keptCount * 2);
        }
        kept[keptCount++] = page;
    }

    void releaseKept() {
        while (keptCount > 0) {
            release(kept[--keptCount]);
        }
    }

    @Override
    public void end() {
        source.end();
    }
}
