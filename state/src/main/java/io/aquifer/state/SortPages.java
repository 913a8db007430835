package io.aquifer.state;

import java.util.Arrays;

/// The pages of a sorter, used or not: what it releases it keeps, until it is told to give pages
/// back, so that it never falls below its floor while it works.
///
/// **Invariant:** of the `held` pages, those not kept here are in use by the sorter's buffer or its
/// runs' readers.
final class SortPages implements PageSource {
    private final PageSource source;
    private long[] kept = new long[16];
    private int keptCount;
    private int held;

    SortPages(PageSource source) {
        this.source = source;
    }

    /// Pages held, used or not.
    int held() {
        return held;
    }

    int keptCount() {
        return keptCount;
    }

    /// Takes pages until `floor` are held, all or none. May wait.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room; as before
    void take(int floor) {
        int before = held;
        boolean taken = false;
        try {
            while (held < floor) {
                keep(source.allocate());
                held++;
            }
            taken = true;
        } finally {
            if (!taken) {
                trim(before);
            }
        }
    }

    /// Takes pages until `wanted` are kept, or there is no more room; returns how many are.
    int fill(int wanted) {
        while (keptCount < wanted) {
            long page = source.tryAllocate();
            if (page == 0) {
                break;
            }
            keep(page);
            held++;
        }
        return keptCount;
    }

    /// Gives kept pages back while more than `least` are held.
    void trim(int least) {
        while (held > least && keptCount > 0) {
            source.release(kept[--keptCount]);
            held--;
        }
    }

    private void keep(long page) {
        if (keptCount == kept.length) {
            kept = Arrays.copyOf(kept, keptCount * 2);
        }
        kept[keptCount++] = page;
    }

    @Override
    public long allocate() {
        long page = tryAllocate();
        if (page != 0) {
            return page;
        }
        page = source.allocate();
        held++;
        return page;
    }

    @Override
    public long tryAllocate() {
        if (keptCount > 0) {
            return kept[--keptCount];
        }
        long page = source.tryAllocate();
        if (page != 0) {
            held++;
        }
        return page;
    }

    @Override
    public void release(long address) {
        keep(address);
    }

    @Override
    public void end() {
        trim(0);
        source.end();
    }
}
