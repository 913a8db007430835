package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.fill;
import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putInt;
import static io.aquifer.memory.kernel.PageAccess.putLong;

/// The layout of one page of a [HashIndex]: buckets of eight slots, one cache line each.
///
/// ```
///      0        64            32256         32704                               32768
/// +----------+----------+ ... +--------+ ... +-------------------------------------+
/// | bucket 0 | bucket 1 |     |  504   | 510 | depth i32 | count i32 | next page   |
/// +----------+----------+ ... +--------+ ... +-------------------------------------+
///   home buckets 0 .. 503       overflow       header
///
///  63        41  40  39                     0
/// +------------+---+-------------------------+
/// | tag 23     | d | reference of the record |   a slot; 0 is empty
/// +------------+---+-------------------------+
/// ```
///
/// The tag is the top of the hash, so that a page splits without reading records. A key lies in its
/// home bucket, or, flagged *displaced*, in the first bucket after it that had room; nothing lies
/// behind an empty slot of a bucket before. Slots of a bucket are taken in order. Only the home of
/// a displaced key must be worked out from its record.
///
/// **Invariant:** every bucket from a key's home up to the bucket before its own is full, and in
/// each bucket no empty slot comes before a taken one. So a search may stop at the first empty
/// slot.
final class IndexPage {
    static final long TAG_MASK = -1L << 41;
    static final int TAG_BITS = 23;
    static final int HEADER = 32704;

    /// Keys a page takes before it splits: 86 % of the slots of its home buckets.
    static final int COUNT_MAX = 3456;

    private static final long DISPLACED = 1L << RecordPages.REF_BITS;
    private static final long REF_MASK = RecordPages.REF_MASK;
    private static final int BUCKET_BYTES = 64;
    private static final int LAST_SLOT = BUCKET_BYTES - 8;
    private static final int HOMES = 504;
    private static final long PAGE_MASK = -PageSource.PAGE_BYTES;
    private static final long SPREAD = 0xD1342543DE82EF95L;
    private static final long LOW_MASK = 0xFFFFFFFFL;

    private IndexPage() {}

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

    /// Whether neither the page nor one chained behind it names a key.
    static boolean isEmpty(long first) {
        long page = first;
        while (page != 0 && count(page) == 0) {
            page = next(page);
        }
        return page == 0;
    }

    /// The next page of the same keys, or 0.
    static long next(long page) {
        return getLong(page + HEADER + 8);
    }

    static void setNext(long page, long next) {
        putLong(page + HEADER + 8, next);
    }

    static long pageOf(long slotAddress) {
        return slotAddress & PAGE_MASK;
    }

    static long ref(long slot) {
        return slot & REF_MASK;
    }

    /// Lets a slot point to another record of the same key.
    static void setRef(long slotAddress, long ref) {
        putLong(slotAddress, (getLong(slotAddress) & ~REF_MASK) | ref);
    }

    /// Where the home bucket of a hash starts in its page, in bytes. Depends on the tag and the low
    /// 32 bits.
    static int homeOffset(long hash) {
        long spread = (hash & (TAG_MASK | LOW_MASK)) * SPREAD;
        return (int) ((spread >>> 32) * HOMES >>> 32) * BUCKET_BYTES;
    }

    /// Whether a key can be added without splitting the page.
    static boolean hasRoom(long page, long hash) {
        if (count(page) >= COUNT_MAX) {
            return false;
        }
        for (int offset = homeOffset(hash); offset < HEADER; offset += 8) {
            if (getLong(page + offset) == 0) {
                return true;
            }
        }
        return false;
    }

    /// Adds a key that is not there; false, with nothing changed, if its buckets have no room.
    static boolean insert(long page, long hash, long ref) {
        return insertAt(page, homeOffset(hash), (hash & TAG_MASK) | ref);
    }

    private static boolean insertAt(long page, int home, long tagAndRef) {
        for (int offset = home; offset < HEADER; offset += 8) {
            if (getLong(page + offset) == 0) {
                putLong(
                        page + offset,
                        offset - home < BUCKET_BYTES ? tagAndRef : tagAndRef | DISPLACED);
                addCount(page, 1);
                return true;
            }
        }
        return false;
    }

    /// Removes a slot and pulls displaced keys behind it into the gap.
    static void removeAt(long page, int slotOffset, RecordPages pages) {
        addCount(page, -1);
        int gap = closeGap(page, slotOffset);
        if ((gap & (BUCKET_BYTES - 1)) == LAST_SLOT) {
            fillFromBehind(page, gap, pages);
        }
    }

    /// Moves the last slot of the bucket into the gap; returns the offset that became empty.
    private static int closeGap(long page, int slotOffset) {
        int last = slotOffset | LAST_SLOT;
        while (getLong(page + last) == 0) {
            last -= 8;
        }
        putLong(page + slotOffset, getLong(page + last));
        putLong(page + last, 0);
        return last;
    }

    private static void fillFromBehind(long page, int firstGap, RecordPages pages) {
        int gap = firstGap;
        for (int offset = firstGap + 8; offset < HEADER; offset += 8) {
            long slot = getLong(page + offset);
            if (slot == 0) {
                return;
            }
            if ((slot & DISPLACED) != 0) {
                int home = homeOfDisplaced(slot, pages);
                if (home <= gap) {
                    putLong(page + gap, gap - home < BUCKET_BYTES ? slot & ~DISPLACED : slot);
                    gap = closeGap(page, offset);
                    if ((gap & (BUCKET_BYTES - 1)) != LAST_SLOT) {
                        return;
                    }
                    offset = gap;
                }
            }
        }
    }

    private static int homeOfDisplaced(long slot, RecordPages pages) {
        long header = getLong(pages.address(slot & REF_MASK));
        return homeOffset((slot & TAG_MASK) | header >>> 32);
    }

    private static int homeOf(long slot, int offset, RecordPages pages) {
        return (slot & DISPLACED) == 0 ? offset & -BUCKET_BYTES : homeOfDisplaced(slot, pages);
    }

    /// Moves the keys whose hash has `bit` from `page` to `target`, a formatted page. The keys that
    /// move lie no further behind their homes than before, so they always fit.
    static void split(long page, long target, long bit, RecordPages pages) {
        for (int offset = 0; offset < HEADER; offset += 8) {
            long slot = getLong(page + offset);
            if ((slot & bit) != 0) {
                if (!insertAt(target, homeOf(slot, offset, pages), slot & ~DISPLACED)) {
                    throw new IllegalStateException(
                            "a part of an index page does not fit into an empty one: the page is"
                                    + " damaged");
                }
            }
        }
        dropWith(page, bit, pages);
    }

    /// Adds the keys of `source` to `page`; false, with nothing changed, if they do not fit.
    ///
    /// @param bit the hash bit that all keys of `source` have and no key of `page`
    static boolean merge(long page, long source, long bit, RecordPages pages) {
        for (int offset = 0; offset < HEADER; offset += 8) {
            long slot = getLong(source + offset);
            if (slot != 0 && !insertAt(page, homeOf(slot, offset, pages), slot & ~DISPLACED)) {
                dropWith(page, bit, pages);
                return false;
            }
        }
        return true;
    }

    /// Drops the keys with `bit` and settles the others: from front to back, each displaced key
    /// goes to the first room from its home on.
    private static void dropWith(long page, long bit, RecordPages pages) {
        for (int bucket = 0; bucket < HEADER; bucket += BUCKET_BYTES) {
            int to = bucket;
            for (int from = bucket; from < bucket + BUCKET_BYTES; from += 8) {
                long slot = getLong(page + from);
                if (slot != 0) {
                    putLong(page + from, 0);
                    if ((slot & bit) == 0) {
                        putLong(page + to, slot);
                        to += 8;
                    } else {
                        addCount(page, -1);
                    }
                }
            }
        }
        for (int bucket = BUCKET_BYTES; bucket < HEADER; bucket += BUCKET_BYTES) {
            for (int offset = bucket + LAST_SLOT; offset >= bucket; offset -= 8) {
                long slot = getLong(page + offset);
                if ((slot & DISPLACED) != 0) {
                    int home = homeOfDisplaced(slot, pages);
                    addCount(page, -1);
                    closeGap(page, offset);
                    insertAt(page, home, slot & ~DISPLACED);
                }
            }
        }
    }

    private static void addCount(long page, int change) {
        putInt(page + HEADER + 4, count(page) + change);
    }
}
