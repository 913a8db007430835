package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

/// One record for each timer, and rings of the timers of one time.
///
/// ```
///  63         34 33         0
/// +-------------+------------+
/// | key length  | next       |     the ring: in order of registration, both ways
/// | 0        | F| previous   |     F: the first of its ring
/// | time                     |
/// | key bytes                |     or, of a long key, the first of its segments
/// +--------------------------+
///  a segment: | next, or 0 | up to 8,184 bytes of the key |
/// ```
///
/// **Failing.** [#create] takes all its memory or none; nothing else takes any.
final class TimerRecords {
    static final int KEY_LENGTH_MAX = (1 << 30) - 1;

    private static final int PREVIOUS = 8;
    private static final int TIME = 16;
    private static final int KEY = 24;
    private static final int INLINE_MAX = SlabPages.LARGEST - KEY;
    private static final int SEGMENT_HEADER = 8;
    private static final int SEGMENT_DATA = SlabPages.LARGEST - SEGMENT_HEADER;
    private static final long REF_MASK = SlabPages.REF_MASK;
    private static final long FIRST = 1L << SlabPages.REF_BITS;

    private final SlabPages blocks;

    TimerRecords(SlabPages blocks) {
        this.blocks = blocks;
    }

    /// A record that is in no ring yet.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if there is no room; nothing was changed
    long create(long time, byte[] key, int offset, int length) {
        long record = blocks.allocate(blockBytes(length));
        long address = blocks.address(record);
        putLong(address, (long) length << SlabPages.REF_BITS);
        putLong(address + TIME, time);
        if (length <= INLINE_MAX) {
            PageAccess.copy(key, offset, address + KEY, length);
            return record;
        }
        boolean created = false;
        try {
            putLong(address + KEY, createSegments(key, offset, length));
            created = true;
            return record;
        } finally {
            if (!created) {
                blocks.free(record, blockBytes(length));
            }
        }
    }

    private static int blockBytes(int keyLength) {
        return KEY + (keyLength <= INLINE_MAX ? keyLength : Long.BYTES);
    }

    /// The segments are made from the last to the first, which alone may be shorter than the
    /// others.
    private long createSegments(byte[] key, int offset, int length) {
        long first = 0;
        int left = length;
        boolean created = false;
        try {
            while (left > 0) {
                int part = left > length % SEGMENT_DATA ? SEGMENT_DATA : left;
                long segment = blocks.allocate(SEGMENT_HEADER + part);
                long address = blocks.address(segment);
                putLong(address, first);
                PageAccess.copy(key, offset + left - part, address + SEGMENT_HEADER, part);
                first = segment;
                left -= part;
            }
            created = true;
            return first;
        } finally {
            if (!created) {
                freeSegments(first, length - left, length);
            }
        }
    }

    /// @param held how many of the key's last bytes the segments hold
    private void freeSegments(long first, int held, int length) {
        long segment = first;
        int left = held;
        while (segment != 0) {
            int part = partOf(left, length);
            long after = getLong(blocks.address(segment));
            blocks.free(segment, SEGMENT_HEADER + part);
            segment = after;
            left -= part;
        }
    }

    /// How many of the `left` last bytes of a long key the segment that begins with them holds.
    private static int partOf(int left, int length) {
        return left == length && length % SEGMENT_DATA != 0 ? length % SEGMENT_DATA : SEGMENT_DATA;
    }

    /// Frees a record that is in no ring.
    void free(long record) {
        long address = blocks.address(record);
        int length = keyLength(address);
        if (length > INLINE_MAX) {
            freeSegments(getLong(address + KEY), length, length);
        }
        blocks.free(record, blockBytes(length));
    }

    long time(long record) {
        return getLong(blocks.address(record) + TIME);
    }

    void readKey(long record, ByteSlot out) {
        long address = blocks.address(record);
        int length = keyLength(address);
        byte[] to = out.resize(length);
        if (length <= INLINE_MAX) {
            PageAccess.copy(address + KEY, to, 0, length);
            return;
        }
        long segment = getLong(address + KEY);
        for (int left = length; left > 0; ) {
            long from = blocks.address(segment);
            int part = partOf(left, length);
            PageAccess.copy(from + SEGMENT_HEADER, to, length - left, part);
            segment = getLong(from);
            left -= part;
        }
    }

    boolean matches(long record, long time, byte[] key, int offset, int length) {
        long address = blocks.address(record);
        if (getLong(address + TIME) != time || keyLength(address) != length) {
            return false;
        }
        return length <= INLINE_MAX
                ? PageAccess.equals(address + KEY, key, offset, length)
                : segmentsEqual(getLong(address + KEY), key, offset, length);
    }

    private boolean segmentsEqual(long first, byte[] key, int offset, int length) {
        long segment = first;
        for (int left = length; left > 0; ) {
            long from = blocks.address(segment);
            int part = partOf(left, length);
            if (!PageAccess.equals(from + SEGMENT_HEADER, key, offset + length - left, part)) {
                return false;
            }
            segment = getLong(from);
            left -= part;
        }
        return true;
    }

    private static int keyLength(long address) {
        return (int) (getLong(address) >>> SlabPages.REF_BITS);
    }

    /// The timer after this one in its ring; after the last comes the first.
    long next(long record) {
        return getLong(blocks.address(record)) & REF_MASK;
    }

    boolean isFirst(long record) {
        return (getLong(blocks.address(record) + PREVIOUS) & FIRST) != 0;
    }

    /// Lets a record be a ring of its own.
    void linkAlone(long record) {
        setNext(record, record);
        putLong(blocks.address(record) + PREVIOUS, FIRST | record);
    }

    /// Adds a record behind the last of a ring.
    ///
    /// @param first of the ring
    void append(long first, long record) {
        long last = previous(first);
        setNext(record, first);
        putLong(blocks.address(record) + PREVIOUS, last);
        setNext(last, record);
        setPrevious(first, record);
    }

    /// Takes a record out of its ring; returns the first of those that are left, or 0.
    ///
    /// @param record if it is the first of its ring, the one after it is from now on
    /// @return the timer after it, 0 if it was alone
    long unlink(long record) {
        long after = next(record);
        if (after == record) {
            return 0;
        }
        long before = previous(record);
        setNext(before, after);
        setPrevious(after, before);
        if (isFirst(record)) {
            long address = blocks.address(after) + PREVIOUS;
            putLong(address, getLong(address) | FIRST);
        }
        return after;
    }

    private long previous(long record) {
        return getLong(blocks.address(record) + PREVIOUS) & REF_MASK;
    }

    private void setNext(long record, long next) {
        long address = blocks.address(record);
        putLong(address, getLong(address) & ~REF_MASK | next);
    }

    private void setPrevious(long record, long previous) {
        long address = blocks.address(record) + PREVIOUS;
        putLong(address, getLong(address) & ~REF_MASK | previous);
    }
}
