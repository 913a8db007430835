package io.aquifer.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// Unused pages of a [PageLease], the newest on top, and the latch that guards them.
///
/// The latch is held for some nanoseconds, and nothing is called under it. Of one lease's two
/// magazines, `loaded` is latched first.
final class Magazine extends CacheLines {
    private static final VarHandle LATCH;
    private static final int SPINS = 64;

    /// Enough that magazines of different leases do not share cache lines.
    private static final int PAGES_MIN = 64;

    static {
        try {
            LATCH = MethodHandles.lookup().findVarHandle(Magazine.class, "latch", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    @SuppressWarnings("unused") // by its VarHandle
    private int latch;

    // Guarded by the latch.
    private int count;
    private int[] pages = new int[PAGES_MIN];

    /// The fewest pages since [#takeIdle].
    private int least;

    /// How many pages it may have, where those who fill it cannot work that out.
    int most;

    /// Pages that were allocated from here, less those released to here.
    int out;

    /// Releases in a row by threads for which this is the wrong magazine.
    int misplaced;

    void lock() {
        int spins = 0;
        while (!LATCH.compareAndSet(this, 0, 1)) {
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    void unlock() {
        LATCH.setRelease(this, 0);
    }

    // The rest is called with the latch held.

    int count() {
        return count;
    }

    void push(int page) {
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, count * 2);
        }
        pages[count++] = page;
    }

    /// The newest page, or -1 if there is none.
    int pop() {
        if (count == 0) {
            return -1;
        }
        int page = pages[--count];
        if (count < least) {
            least = count;
        }
        return page;
    }

    void push(int[] from, int start, int end) {
        int more = end - start;
        if (count + more > pages.length) {
            pages = Arrays.copyOf(pages, Math.max(count + more, pages.length * 2));
        }
        System.arraycopy(from, start, pages, count, more);
        count += more;
    }

    /// Gives all but the `keep` newest pages away.
    int[] takeOldest(int keep) {
        int taken = Math.max(0, count - keep);
        int[] oldest = Arrays.copyOf(pages, taken);
        System.arraycopy(pages, taken, pages, 0, count - taken);
        count -= taken;
        least = Math.min(least, count);
        return oldest;
    }

    /// Gives away as many pages as were of no use since the last call.
    int[] takeIdle() {
        int[] idle = takeOldest(count - Math.min(least, count));
        least = count;
        return idle;
    }

    /// Takes over all that another magazine, which is latched too, has and knows.
    void take(Magazine other) {
        if (count == 0) {
            int[] empty = pages;
            pages = other.pages;
            other.pages = empty;
            count = other.count;
        } else {
            push(other.pages, 0, other.count);
        }
        out += other.out;
        other.count = 0;
        other.out = 0;
    }

    void clear() {
        count = 0;
        least = 0;
        out = 0;
    }
}
