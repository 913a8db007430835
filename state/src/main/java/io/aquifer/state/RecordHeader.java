package io.aquifer.state;

/// The first eight bytes of a record, and what follows them.
///
/// ```
///  63           32 31  30 29  28  27  26 25  24     13 12      0
/// +---------------+---+------+---+---+------+---------+---------+-----+-------+
/// | low of routing| L | kind | T | U | dirty| key     | value   | key | value |   L = 0
/// +---------------+---+------+---+---+------+---------+---------+-----+-------+
/// | low of routing| 1 | kind | T | U | dirty| 0       | 0       | see LargeRecords
/// +---------------+---+------+---+---+------+---------+---------+
/// ```
///
/// `L` *large*: key and value lie on pages of their own. `T` *tombstone*: the key was removed, and
/// an older value may be on disk. `U` *used* since the last sweep. *Dirty*: not on disk as it is,
/// changed in one of two phases, see [RecordTable].
final class RecordHeader {
    static final int BYTES = 8;

    /// The largest record that is not large, header included.
    static final int INLINE_MAX = 8192;

    static final int KEY_MAX = 0xFFF;

    /// What a table's keys name themselves.
    static final int VALUE = 0;

    /// An entry of a map that has grown large.
    static final int ENTRY = 1;

    /// The user keys of such a map.
    static final int DIRECTORY = 2;

    /// What is being put together to become the value of a key.
    static final int SHADOW = 3;

    static final long LARGE = 1L << 31;
    static final long TOMBSTONE = 1L << 28;
    static final long USED = 1L << 27;
    static final long DIRTY_MASK = 3L << 25;

    private static final int DIRTY_SHIFT = 25;
    private static final int KIND_SHIFT = 29;
    private static final int KEY_SHIFT = 13;
    private static final long KEY_MASK = (long) KEY_MAX << KEY_SHIFT;
    private static final int VALUE_MASK = (1 << KEY_SHIFT) - 1;

    /// What must agree for two headers to name the same key, and not more than the key.
    private static final long IDENTITY = -1L << 32 | LARGE | 3L << KIND_SHIFT | KEY_MASK;

    private static final long LARGE_IDENTITY = IDENTITY & ~(LARGE | KEY_MASK);

    private RecordHeader() {}

    /// What a search for a key compares headers with.
    static long wanted(long routing, int kind, int keyLength) {
        return routing << 32
                | (long) kind << KIND_SHIFT
                | (keyLength <= KEY_MAX ? (long) keyLength << KEY_SHIFT : 0);
    }

    static boolean mayMatch(long header, long wanted) {
        return ((header ^ wanted) & IDENTITY) == 0;
    }

    static boolean mayMatchLarge(long header, long wanted) {
        return (header & LARGE) != 0 && ((header ^ wanted) & LARGE_IDENTITY) == 0;
    }

    static long of(long routing, int kind, int keyLength, int valueLength) {
        return routing << 32
                | (long) kind << KIND_SHIFT
                | (long) keyLength << KEY_SHIFT
                | valueLength;
    }

    static long ofLarge(long routing, int kind) {
        return routing << 32 | LARGE | (long) kind << KIND_SHIFT;
    }

    static boolean isLarge(long header) {
        return (header & LARGE) != 0;
    }

    static boolean isTombstone(long header) {
        return (header & TOMBSTONE) != 0;
    }

    static int kind(long header) {
        return (int) (header >>> KIND_SHIFT) & 3;
    }

    static long withKind(long header, int kind) {
        return (header & ~(3L << KIND_SHIFT)) | (long) kind << KIND_SHIFT;
    }

    /// Of a record that is not large.
    static int keyLength(long header) {
        return (int) (header >>> KEY_SHIFT) & KEY_MAX;
    }

    /// Of a record that is not large.
    static int valueLength(long header) {
        return (int) header & VALUE_MASK;
    }

    static long withValueLength(long header, int length) {
        return (header & ~(long) VALUE_MASK) | length;
    }

    /// 0 for a record that is on disk as it is.
    static int dirty(long header) {
        return (int) ((header & DIRTY_MASK) >>> DIRTY_SHIFT);
    }

    static long withDirty(long header, int phase) {
        return (header & ~DIRTY_MASK) | (long) phase << DIRTY_SHIFT;
    }

    static long lowOfRouting(long header) {
        return header >>> 32;
    }
}
