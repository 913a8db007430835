package io.aquifer.state;

import java.util.Arrays;

/// The pages of one table: counts those it holds, and keeps a few back for what eviction needs, so
/// that giving memory back never waits for memory.
///
/// **Threads.** The table's; [#held] and what [#heldBytes] says may be read by any.
final class HeldPages implements PageSource {
    /// One page is kept for so many that are held.
    private static final int HELD_PER_KEPT = 64;

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

    /// Takes pages to keep as long as there are any for nothing.
    void keep() {
        while (keeps && keptCount < 1 + held / HELD_PER_KEPT) {
            long page = tryAllocate();
            if (page == 0) {
                return;
            }
            if (keptCount == kept.length) {
                kept = Arrays.copyOf(kept, keptCount * 2);
            }
            kept[keptCount++] = page;
        }
    }

    /// A kept page, or another one if there is one for nothing, else 0.
    long takeKept() {
        if (keptCount > 0) {
            return kept[--keptCount];
        }
        return tryAllocate();
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
