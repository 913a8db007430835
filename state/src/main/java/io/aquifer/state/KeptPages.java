package io.aquifer.state;

import io.aquifer.state.run.RunPages;

import java.util.Arrays;

/// The pages of a run that is being written: first those that its table has kept for that, since
/// there may be no others. What the writing gives back stays here, and does not go to whoever waits
/// for memory, until the run is there.
///
/// **Threads.** Any.
final class KeptPages implements RunPages {
    private final RunPages others;
    private final boolean waits;
    private long[] stash;
    private int count;
    private boolean ended;

    /// @param stash pages that are this object's now
    /// @param waits whether, without a page left, others are waited for
    KeptPages(long[] stash, RunPages others, boolean waits) {
        this.waits = waits;
        this.stash = stash;
        this.count = stash.length;
        this.others = others;
    }

    private synchronized long take() {
        return count == 0 ? 0 : stash[--count];
    }

    @Override
    public long allocate() {
        long page = tryAllocate();
        if (page == 0 && !waits) {
            throw new IllegalStateException(
                    "there is no page left for the index of a run that is being written; raise"
                            + " --memory or env.setMemory");
        }
        return page != 0 ? page : others.allocate();
    }

    @Override
    public long tryAllocate() {
        long page = take();
        return page != 0 ? page : others.tryAllocate();
    }

    @Override
    public void release(long address) {
        if (!keep(address)) {
            others.release(address);
        }
    }

    private synchronized boolean keep(long address) {
        if (ended) {
            return false;
        }
        if (count == stash.length) {
            stash = Arrays.copyOf(stash, Math.max(4, 2 * count));
        }
        stash[count++] = address;
        return true;
    }

    /// The run is there: what it gives back from now on goes to all.
    ///
    /// @return the pages that are left, the caller's
    synchronized long[] end() {
        ended = true;
        long[] left = Arrays.copyOf(stash, count);
        count = 0;
        return left;
    }

    /// As [#end], and gives back what is left.
    void endAndRelease() {
        for (long page : end()) {
            others.release(page);
        }
    }
}
