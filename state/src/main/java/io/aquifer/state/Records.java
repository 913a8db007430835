package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getInt;
import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putInt;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.kernel.PageAccess;

import java.util.function.LongConsumer;

/// Records of a key, a value and a few fixed fields in a [BlockHeap], found by a [HashIndex].
///
/// ```
///  63           32 31  30    16 15     0
/// +---------------+---+--------+--------+--------+-----+-------+
/// | low of hash   | L | key    | value  | fields | key | value |   L = 0: lengths in the header
/// +---------------+---+--------+--------+--------+-----+-------+
/// | low of hash   | 1 | 0      | 0      | fields | key length i32, value length i32 | segments |
/// +---------------+---+--------+--------+--------+----------------------------------+----------+
/// ```
///
/// A record larger than the largest block keeps key and value, one after the other, in [Segments].
/// Fields are longs that the table defines; the last may be an *owner*, which belongs to the key. A
/// value of another length stays in place while it needs a block of the same class.
///
/// **Failing.** Every call that needs memory takes all of it before it changes anything.
final class Records {
    private static final int HEADER = 8;
    private static final int LARGE_BYTES = 16;
    private static final long LARGE = 1L << 31;
    private static final long LOW_MASK = 0xFFFFFFFFL;
    private static final int VALUE_MASK = 0xFFFF;

    final HashIndex index;
    private final BlockHeap heap;
    private final int keyAt;
    private final SegmentCursor cursor;

    /// @param fieldBytes size of the fixed fields, a multiple of 8
    Records(PageSource source, BlockHeap heap, int fieldBytes) {
        this.heap = heap;
        this.index = new HashIndex(source, heap);
        this.keyAt = HEADER + fieldBytes;
        this.cursor = new SegmentCursor(heap);
    }

    /// The address of the fields of a record.
    long fields(long ref) {
        return heap.address(ref) + HEADER;
    }

    static long refAt(long slotAddress) {
        return IndexPage.ref(getLong(slotAddress));
    }

    /// The address of the slot of a key, or 0. Valid until a key comes or goes.
    ///
    /// @param owner what the last field must hold, or 0 if the records have no owner
    long find(long hash, long owner, byte[] key, int offset, int length) {
        long page = index.entry(hash);
        return page > 0
                ? findIn(page, hash, owner, key, offset, length)
                : findInChain(page, hash, owner, key, offset, length);
    }

    private long findIn(long page, long hash, long owner, byte[] key, int offset, int length) {
        long end = page + IndexPage.HEADER;
        for (long at = page + IndexPage.homeOffset(hash); at < end; at += 8) {
            long slot = getLong(at);
            if (slot == 0) {
                return 0;
            }
            if (((slot ^ hash) & IndexPage.TAG_MASK) == 0
                    && matches(IndexPage.ref(slot), hash, owner, key, offset, length)) {
                return at;
            }
        }
        return 0;
    }

    private long findInChain(
            long entry, long hash, long owner, byte[] key, int offset, int length) {
        if (entry == 0) {
            index.checkOpen();
        }
        for (long page = HashIndex.firstOf(entry); page != 0; page = IndexPage.next(page)) {
            long found = findIn(page, hash, owner, key, offset, length);
            if (found != 0) {
                return found;
            }
        }
        return 0;
    }

    /// Whether the record of a slot is that of a key without owner.
    boolean isAt(long slotAddress, long hash, byte[] key, int offset, int length) {
        return matches(refAt(slotAddress), hash, 0, key, offset, length);
    }

    private boolean matches(long ref, long hash, long owner, byte[] key, int offset, int length) {
        long address = heap.address(ref);
        long difference = getLong(address) ^ (hash << 32);
        if (difference >>> 32 != 0 || owner != 0 && getLong(address + keyAt - 8) != owner) {
            return false;
        }
        int lengths = (int) difference;
        if (lengths >>> 16 != length) {
            return lengths < 0 && largeMatches(address, key, offset, length);
        }
        return length == Long.BYTES
                ? getLong(address + keyAt) == KeyHash.longAt(key, offset)
                : PageAccess.equals(address + keyAt, key, offset, length);
    }

    private boolean largeMatches(long address, byte[] key, int offset, int length) {
        if (getInt(address + keyAt) != length) {
            return false;
        }
        cursor.open(firstSegment(address));
        return cursor.equalsNext(key, offset, length);
    }

    /// The address of the slot of a record that is there, by the hash of its key.
    long slotOf(long hash, long ref) {
        for (long page = HashIndex.firstOf(index.entry(hash));
                page != 0;
                page = IndexPage.next(page)) {
            long end = page + IndexPage.HEADER;
            for (long at = page + IndexPage.homeOffset(hash);
                    at < end && getLong(at) != 0;
                    at += 8) {
                if (refAt(at) == ref) {
                    return at;
                }
            }
        }
        throw new IllegalStateException("a record is not in its index: the table is damaged");
    }

    /// Adds a record for a key that is not there and returns its reference; its fields are
    /// undefined.
    long insert(
            long hash,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long ref = create(hash, key, keyOffset, keyLength, value, valueOffset, valueLength);
        boolean inserted = false;
        try {
            index.insert(hash, ref);
            inserted = true;
            return ref;
        } finally {
            if (!inserted) {
                destroy(ref);
            }
        }
    }

    /// Replaces the value of the key in a slot; returns the reference of the record from now on,
    /// with the fields of before. The reference changes if the value needs another block.
    long update(
            long slotAddress,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long ref = refAt(slotAddress);
        long address = heap.address(ref);
        long header = getLong(address);
        int lengths = (int) header;
        if (lengths >= 0 && fitsInPlace(lengths, valueLength)) {
            if ((lengths & VALUE_MASK) != valueLength) {
                putLong(address, (header & ~VALUE_MASK) | valueLength);
            }
            PageAccess.copy(value, valueOffset, address + keyAt + keyLength, valueLength);
            return ref;
        }
        if (lengths < 0 && getInt(address + keyAt + 4) == valueLength) {
            cursor.open(firstSegment(address));
            cursor.skip(keyLength);
            cursor.write(value, valueOffset, valueLength);
            return ref;
        }
        return rewrite(slotAddress, key, keyOffset, keyLength, value, valueOffset, valueLength);
    }

    private boolean fitsInPlace(int lengths, int valueLength) {
        int before = lengths & VALUE_MASK;
        if (before == valueLength) {
            return true;
        }
        int keyEnd = keyAt + (lengths >>> 16);
        return valueLength <= SizeClasses.LARGEST - keyEnd
                && SizeClasses.holding(keyEnd + before)
                        == SizeClasses.holding(keyEnd + valueLength);
    }

    private long rewrite(
            long slotAddress,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long before = refAt(slotAddress);
        long hash = getLong(heap.address(before)) >>> 32;
        long ref = create(hash, key, keyOffset, keyLength, value, valueOffset, valueLength);
        PageAccess.copy(fields(before), fields(ref), keyAt - HEADER);
        IndexPage.setRef(slotAddress, ref);
        destroy(before);
        return ref;
    }

    /// Removes the key in a slot and frees its record.
    void remove(long slotAddress) {
        long ref = refAt(slotAddress);
        index.remove(slotAddress);
        destroy(ref);
    }

    /// Calls `visitor` with each record once; see [HashIndex#beginIteration] for what it may
    /// change.
    ///
    /// Pages are read from the back, since a removal pulls only slots from behind into the gap.
    void forEach(LongConsumer visitor) {
        index.beginIteration();
        try {
            for (int position = 0;
                    position < index.directoryLength() && index.entryAt(position) != 0; ) {
                long page = HashIndex.firstOf(index.entryAt(position));
                for (; page != 0; page = IndexPage.next(page)) {
                    forEachIn(page, visitor);
                }
                position = index.positionAfter(position);
            }
        } finally {
            index.endIteration();
        }
    }

    private void forEachIn(long page, LongConsumer visitor) {
        for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
            long slot = getLong(at);
            if (slot != 0) {
                index.visiting(at);
                visitor.accept(IndexPage.ref(slot));
            }
        }
    }

    void readKey(long ref, ByteSlot out) {
        readKeyAt(heap.address(ref), out);
    }

    void readValue(long ref, ByteSlot out) {
        readValueAt(heap.address(ref), out);
    }

    /// As [#readKey], of the record at an address.
    void readKeyAt(long address, ByteSlot out) {
        int lengths = (int) getLong(address);
        if (lengths >= 0) {
            int length = keyLength(lengths);
            PageAccess.copy(address + keyAt, out.resize(length), 0, length);
        } else {
            int length = getInt(address + keyAt);
            cursor.open(firstSegment(address));
            cursor.read(out.resize(length), 0, length);
        }
    }

    /// As [#readValue], of the record at an address.
    void readValueAt(long address, ByteSlot out) {
        int lengths = (int) getLong(address);
        if (lengths >= 0) {
            int length = valueLength(lengths);
            PageAccess.copy(address + keyAt + keyLength(lengths), out.resize(length), 0, length);
        } else {
            int length = getInt(address + keyAt + 4);
            cursor.open(firstSegment(address));
            cursor.skip(getInt(address + keyAt));
            cursor.read(out.resize(length), 0, length);
        }
    }

    /// The key's length, from the low half of the header of a record that is not large: those have
    /// a negative one.
    static int keyLength(int lengths) {
        return lengths >>> 16;
    }

    /// The value's length, as [#keyLength].
    static int valueLength(int lengths) {
        return lengths & VALUE_MASK;
    }

    /// Where the key begins, with the value behind it, of a record that is not large; a multiple of
    /// 8.
    long keyAddress(long address) {
        return address + keyAt;
    }

    /// The fields of the record at an address.
    long fieldsAt(long address) {
        return address + HEADER;
    }

    private long create(
            long hash,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long bytes = (long) keyAt + keyLength + valueLength;
        if (bytes > SizeClasses.LARGEST) {
            return createLarge(hash, key, keyOffset, keyLength, value, valueOffset, valueLength);
        }
        long ref = heap.allocate((int) bytes);
        long address = heap.address(ref);
        putLong(address, hash << 32 | (long) keyLength << 16 | valueLength);
        PageAccess.copy(key, keyOffset, address + keyAt, keyLength);
        PageAccess.copy(value, valueOffset, address + keyAt + keyLength, valueLength);
        return ref;
    }

    private long createLarge(
            long hash,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long segments = Segments.allocate(heap, (long) keyLength + valueLength);
        long ref = 0;
        try {
            ref = heap.allocate(keyAt + LARGE_BYTES);
        } finally {
            if (ref == 0) {
                Segments.free(heap, segments);
            }
        }
        long address = heap.address(ref);
        putLong(address, hash << 32 | LARGE);
        putInt(address + keyAt, keyLength);
        putInt(address + keyAt + 4, valueLength);
        putLong(address + keyAt + 8, segments);
        cursor.open(segments);
        cursor.write(key, keyOffset, keyLength);
        cursor.write(value, valueOffset, valueLength);
        return ref;
    }

    private void destroy(long ref) {
        long address = heap.address(ref);
        int lengths = (int) getLong(address);
        if (lengths >= 0) {
            heap.free(ref, keyAt + (lengths >>> 16) + (lengths & VALUE_MASK));
        } else {
            Segments.free(heap, firstSegment(address));
            heap.free(ref, keyAt + LARGE_BYTES);
        }
    }

    private long firstSegment(long address) {
        return getLong(address + keyAt + 8);
    }
}
