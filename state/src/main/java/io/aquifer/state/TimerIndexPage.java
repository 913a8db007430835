package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.fill;
import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putInt;
import static io.aquifer.memory.kernel.PageAccess.putLong;

/// The layout of one page of a [TimerIndex]: slots of eight bytes, found by linear probing.
///
/// ```
///      0                                   32704                               32768
/// +--------+--------+ ... +-----------+-------------------------------------+
/// | slot 0 | slot 1 |     | slot 4087 | depth i32 | count i32 | next page   |
/// +--------+--------+ ... +-----------+-------------------------------------+
///
///  63          34 33                      0
/// +--------------+-------------------------+
/// | tag 30       | reference of the record |     a slot; 0 is empty
/// +--------------+-------------------------+
/// ```
///
/// The tag is the top of the hash: from the front it says which page, and its last nine bits where
/// in the page a search begins, always with a cache line. So pages split and merge, and gaps close,
/// without a look at the records.
///
/// **Invariant:** from where a search for a slot's tag begins, round the end of the page, up to the
/// slot itself no slot is empty. So a search may stop at the first empty one.
final class TimerIndexPage {
    static final int TAG_BITS = 64 - SlabPages.REF_BITS;
    static final long TAG_MASK = -1L << SlabPages.REF_BITS;
    static final int SLOTS = 4088;

    /// Slots that are taken before a page splits: 86 %.
    static final int COUNT_MAX = 3500;

    private static final int HEADER = SLOTS * 8;
    private static final int HOME_BITS = 9;
    private static final int HOMES = SLOTS / 8;

    private TimerIndexPage() {}

    static void format(long page, int depth) {
        fill(page, PageSource.PAGE_BYTES, (byte) 0);
        setDepth(page, depth);
    }

    static int depth(long page) {
        return getInt(page + HEADER);
    }

    static void setDepth(long page, int depth) {
        putInt(page + HEADER, depth);
    }

    static int count(long page) {
        return getInt(page + HEADER + 4);
    }

    /// The next page of the same tags, or 0.
    static long nextPage(long page) {
        return getLong(page + HEADER + 8);
    }

    static void setNextPage(long page, long next) {
        putLong(page + HEADER + 8, next);
    }

    static long slot(long page, int at) {
        return getLong(page + ((long) at << 3));
    }

    private static void setSlot(long page, int at, long slot) {
        putLong(page + ((long) at << 3), slot);
    }

    /// Where a search for a tag begins.
    ///
    /// @param tag at the top, as in a hash or a slot
    static int home(long tag) {
        int bits = (int) (tag >>> SlabPages.REF_BITS) & ((1 << HOME_BITS) - 1);
        return bits * HOMES >>> HOME_BITS << 3;
    }

    static int after(int at) {
        return at + 1 == SLOTS ? 0 : at + 1;
    }

    /// Adds a slot to a page that has room.
    static void insert(long page, long slot) {
        int at = home(slot);
        while (slot(page, at) != 0) {
            at = after(at);
        }
        setSlot(page, at, slot);
        addCount(page, 1);
    }

    /// Empties a slot and closes the gap.
    static void removeAt(long page, int at) {
        int gap = at;
        for (int i = after(at); ; i = after(i)) {
            long slot = slot(page, i);
            if (slot == 0) {
                break;
            }
            if (distance(home(slot), i) >= distance(gap, i)) {
                setSlot(page, gap, slot);
                gap = i;
            }
        }
        setSlot(page, gap, 0);
        addCount(page, -1);
    }

    private static int distance(int from, int to) {
        return to >= from ? to - from : to - from + SLOTS;
    }

    /// Moves the slots whose tag has `bit` from `page` to `target`, which was formatted.
    ///
    /// Begins behind an empty slot, takes each slot out and puts it in again: what was put in
    /// before is in its last place already, and the slot's own place is free.
    static void split(long page, long target, long bit) {
        int start = 0;
        while (slot(page, start) != 0) {
            start++;
        }
        for (int at = after(start); at != start; at = after(at)) {
            long slot = slot(page, at);
            if (slot != 0) {
                setSlot(page, at, 0);
                addCount(page, -1);
                insert((slot & bit) != 0 ? target : page, slot);
            }
        }
    }

    /// Adds the slots of `source` to `page`, which has room for them.
    static void merge(long page, long source) {
        for (int at = 0; at < SLOTS; at++) {
            long slot = slot(source, at);
            if (slot != 0) {
                insert(page, slot);
            }
        }
    }

    private static void addCount(long page, int change) {
        putInt(page + HEADER + 4, count(page) + change);
    }
}
