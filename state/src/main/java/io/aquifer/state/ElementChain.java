package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

/// Elements one after the other in [Segments]: each its length, seven bits to a byte, then its
/// bytes.
///
/// Elements run on from segment to segment, so none is too large. Segments double from 64 bytes to
/// 4 KiB; an element that needs more gets what it needs. This object is the head of a chain on the
/// Java heap; a list's record stores the same in its fields:
///
/// ```
/// | first segment | 63 used bytes of the last 40 | 39 last segment 0 | element count | list id |
/// ```
final class ElementChain {
    static final int FIELD_BYTES = 32;

    private static final int FIRST_BYTES = 64;
    private static final int GROWN_BYTES_MAX = 4096;
    private static final int LENGTH_BYTES_MAX = 5;

    private final BlockHeap heap;
    private final SegmentCursor cursor;
    private final byte[] lengthBytes = new byte[LENGTH_BYTES_MAX];
    private long first;
    private long last;
    private int used;
    private long count;

    ElementChain(BlockHeap heap) {
        this.heap = heap;
        this.cursor = new SegmentCursor(heap);
    }

    static long firstAt(long fields) {
        return getLong(fields);
    }

    static long countAt(long fields) {
        return getLong(fields + 16);
    }

    static long idAt(long fields) {
        return getLong(fields + 24);
    }

    void reset() {
        first = 0;
        last = 0;
        used = 0;
        count = 0;
    }

    void load(long fields) {
        first = getLong(fields);
        long lastAndUsed = getLong(fields + 8);
        last = lastAndUsed & BlockHeap.REF_MASK;
        used = (int) (lastAndUsed >>> BlockHeap.REF_BITS);
        count = getLong(fields + 16);
    }

    void store(long fields) {
        putLong(fields, first);
        putLong(fields + 8, (long) used << BlockHeap.REF_BITS | last);
        putLong(fields + 16, count);
    }

    static void storeId(long fields, long id) {
        putLong(fields + 24, id);
    }

    long count() {
        return count;
    }

    void free() {
        Segments.free(heap, first);
        reset();
    }

    /// Adds an element at the end, or throws and changes nothing.
    void append(byte[] element, int offset, int length) {
        int prefix = encodeLength(length);
        long bytes = (long) prefix + length;
        if (last == 0) {
            first =
                    bytes <= Segments.DATA_MAX
                            ? one(bytes, FIRST_BYTES)
                            : Segments.allocate(heap, bytes);
            cursor.open(first);
        } else {
            long missing = bytes - (Segments.dataBytes(heap, last) - used);
            if (missing > 0) {
                Segments.setNext(heap, last, more(missing));
            }
            cursor.open(last, used);
        }
        cursor.write(lengthBytes, 0, prefix);
        cursor.write(element, offset, length);
        last = cursor.segment();
        used = cursor.position();
        count++;
    }

    private long more(long missing) {
        int grown =
                Math.min(2 * (Segments.dataBytes(heap, last) + Segments.OVERHEAD), GROWN_BYTES_MAX);
        return missing <= Segments.DATA_MAX
                ? one(missing, grown)
                : Segments.allocate(heap, missing);
    }

    private long one(long bytes, int sizeMin) {
        return Segments.allocateOne(heap, Math.max((int) bytes, sizeMin - Segments.OVERHEAD), 0);
    }

    private int encodeLength(int length) {
        int rest = length;
        int i = 0;
        for (; rest >= 0x80; rest >>>= 7) {
            lengthBytes[i++] = (byte) (rest | 0x80);
        }
        lengthBytes[i++] = (byte) rest;
        return i;
    }

    /// Copies the element at the cursor into `out` and moves behind it.
    static void read(SegmentCursor at, ByteSlot out) {
        int length = 0;
        int shift = 0;
        int part = at.readByte();
        for (; part >= 0x80; part = at.readByte()) {
            length |= (part & 0x7F) << shift;
            shift += 7;
        }
        length |= part << shift;
        at.read(out.resize(length), 0, length);
    }
}
