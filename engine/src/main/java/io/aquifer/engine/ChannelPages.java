package io.aquifer.engine;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.PageLease;

/// The network memory of one [Channel]: at least [#LEAST] pages, from the start to the end, and
/// more on demand.
///
/// A page is either *in flight*, from when the writer takes it until the reader has emptied it, or
/// *idle*. An idle page holds nothing and belongs to nobody, so that any thread may give it back.
///
/// **Invariant**, whenever no call is in progress: the lease holds `held` pages, `LEAST <= held <=
/// most`, and `idle <= held`.
///
/// | Call        | By                    | Waits         | When there is nothing         |
/// |-------------|-----------------------|---------------|-------------------------------|
/// | [#take]     | writer                | for the lock  | returns 0, changes nothing    |
/// | [#put]      | reader                | for the lock  | -                             |
/// | [#drained]  | reader                | for the lock  | changes nothing               |
/// | [#handBack] | any thread, any time  | for the lock  | returns 0, changes nothing    |
/// | [#close]    | when both have ended  | for the lock  | does nothing                  |
///
/// | Field             | Read                     | Written                                 | Guard |
/// |-------------------|--------------------------|-----------------------------------------|-------|
/// | idle              | locked                   | locked                                  | this  |
/// | idleCount         | volatile, any thread     | locked                                  | this  |
/// | heldCount         | volatile, any thread     | locked; only the writer raises it       | this  |
/// | shortages         | volatile, reader         | volatile, writer                        | -     |
/// | quiet, shortagesSeen | plain, reader         | plain, reader                           | -     |
///
/// **Safety.** 1. No page is in two hands: each step from one hand to the next is under the lock,
/// and it is the lock that orders the reader's last look at a page before the writer's first, and
/// before its return to the lease. 2. A hand-back takes only idle pages, so it touches no bytes on
/// their way and needs neither the writer nor the reader. 3. The writer is not starved: hand-backs
/// stop at [#LEAST] and only the writer grows, so the reader's next page, at the latest the one
/// after [#LEAST] are left, is the writer's. 4. After [#close] nothing is released twice: the lock
/// is held for the release of each page, and `closed` is looked at under it. The ledger never calls
/// back under its own lock but for [#surplusBytes], which takes none.
final class ChannelPages {
    /// What a channel always has: one page for the writer and one for the reader.
    static final int LEAST = 2;

    /// Full drains in a row without a shortage, after which half of the surplus goes back.
    static final int QUIET_DRAINS = 64;

    private final PageLease lease;
    private final int most;
    private final long[] idle;
    private volatile int idleCount;
    private volatile int heldCount;
    private boolean closed;
    private volatile int shortages;
    private int shortagesSeen;
    private int quiet;

    /// Takes [#LEAST] pages, or none.
    ///
    /// @param lease holds nothing yet; ends with [#close]
    /// @param most pages that the channel may hold, at least [#LEAST]
    /// @throws io.aquifer.memory.MemoryExhaustedException if they are not there; the lease has
    ///   ended then
    ChannelPages(PageLease lease, int most) {
        this.lease = lease;
        this.most = most;
        this.idle = new long[most];
        try {
            for (int i = 0; i < LEAST; i++) {
                idle[i] = lease.allocatePage();
            }
            heldCount = LEAST;
            idleCount = LEAST;
        } catch (RuntimeException | Error refused) {
            lease.close();
            throw refused;
        }
    }

    /// A page for the writer: an idle one, else a new one while the channel may grow and the pool
    /// has room. Never waits for memory.
    ///
    /// @return its address, or 0
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    long take() {
        synchronized (this) {
            if (idleCount > 0) {
                idleCount--;
                return idle[idleCount];
            }
        }
        shortages++;
        long page = heldCount < most ? lease.tryAllocatePage() : 0;
        if (page != 0) {
            synchronized (this) {
                heldCount++;
            }
        }
        return page;
    }

    /// Whether [#take] finds an idle page. Any thread.
    boolean hasIdle() {
        return idleCount > 0;
    }

    /// Takes a page that the reader has emptied.
    synchronized void put(long page) {
        idle[idleCount] = page;
        idleCount++;
    }

    /// The reader has taken all that was published. A channel that stays ahead of its writer, whose
    /// pages come back before it needs others, has more of them than it needs: every
    /// [#QUIET_DRAINS] times in a row, half of the surplus goes back.
    void drained() {
        int now = shortages;
        if (now != shortagesSeen) {
            shortagesSeen = now;
            quiet = 0;
        } else if (++quiet >= QUIET_DRAINS) {
            quiet = 0;
            handBack((heldCount - LEAST + 1) / 2);
        }
    }

    /// What [#handBack] could give back now, in bytes. Any thread; takes no lock.
    long surplusBytes() {
        return (long) Math.max(0, Math.min(idleCount, heldCount - LEAST))
                * MemoryManager.PAGE_SIZE_BYTES;
    }

    /// Gives up to `countMax` idle pages back to the lease, down to [#LEAST].
    ///
    /// @return how many
    int handBack(int countMax) {
        int count = 0;
        while (count < countMax && handBackOne()) {
            count++;
        }
        return count;
    }

    /// One page at a time, so that the writer and the reader wait for one release at most.
    private synchronized boolean handBackOne() {
        if (closed || idleCount == 0 || heldCount <= LEAST) {
            return false;
        }
        lease.releasePage(idle[idleCount - 1]);
        idleCount--;
        heldCount--;
        return true;
    }

    /// Gives all pages back. Only when neither the writer nor the reader will touch one again.
    synchronized void close() {
        closed = true;
        idleCount = 0;
        heldCount = 0;
        lease.close();
    }
}
