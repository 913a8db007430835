package io.aquifer.state;

import io.aquifer.memory.PageLease;

import java.util.Objects;

/// A list of byte records that grows at its end, on the pages of one lease; off the Java heap but
/// for a directory of 8 bytes per page.
///
/// ```
///  data    | length | bytes | length | bytes | ...     length: 7 bits a byte, low ones first
///  index   | position i64 | position i64 | ...         of each record's length in the data
/// ```
///
/// Records have any length that memory allows, zero included, and may cross the ends of pages. An
/// element costs its bytes, 8 for the index and 1 to 5 for its length; a list with one element
/// holds two pages.
///
/// **Invariant**, after every call, thrown or not: the elements are those of the calls that
/// returned, and the pages held by the lease are exactly [#pageCount].
///
/// | Call       | Takes time       | When the budget is spent                                          |
/// |------------|------------------|-------------------------------------------------------------------|
/// | [#append]  | O(1) amortised   | throws [io.aquifer.memory.MemoryExhaustedException], list as before |
/// | [#get]     | O(1)             | takes no memory                                                   |
///
/// **Threads.** One at a time.
public final class ByteList implements AutoCloseable {
    private static final int LENGTH_BYTES_MAX = 5;

    private final PageSource source;
    private final LinearPages data;
    private final LinearPages index;
    private final byte[] lengthBytes = new byte[LENGTH_BYTES_MAX];
    private long size;

    /// Where the next record goes in the data.
    private long end;

    ByteList(PageSource source) {
        this.source = source;
        this.data = new LinearPages(source);
        this.index = new LinearPages(source);
    }

    /// An empty list without pages.
    ///
    /// @param pages where all pages come from; belongs to the list from now on and ends with it
    public static ByteList open(PageLease pages) {
        return new ByteList(PageSource.of(pages));
    }

    /// Adds a record at the end.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the list is as before
    public void append(byte[] bytes, int offset, int length) {
        append(bytes, offset, length, true);
    }

    /// As [#append]; false, with the list as before, if there is no room. Never waits.
    boolean tryAppend(byte[] bytes, int offset, int length) {
        return append(bytes, offset, length, false);
    }

    private boolean append(byte[] bytes, int offset, int length, boolean orThrow) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int header = encodeLength(length);
        long newEnd = end + header + length;
        if (!reserve(newEnd, orThrow)) {
            return false;
        }
        data.write(end, lengthBytes, 0, header);
        data.write(end + header, bytes, offset, length);
        index.setLong(size << 3, end);
        end = newEnd;
        size++;
        return true;
    }

    private boolean reserve(long newEnd, boolean orThrow) {
        int before = data.pageCount();
        boolean reserved = false;
        try {
            if (orThrow) {
                data.reserve(newEnd);
                index.reserve((size + 1) << 3);
                reserved = true;
            } else {
                reserved = data.tryReserve(newEnd) && index.tryReserve((size + 1) << 3);
            }
        } finally {
            if (!reserved) {
                data.truncate(before);
            }
        }
        return reserved;
    }

    private int encodeLength(int length) {
        int left = length;
        int at = 0;
        while (left > 0x7F) {
            lengthBytes[at++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        lengthBytes[at++] = (byte) left;
        return at;
    }

    /// Copies an element into `out`.
    ///
    /// @throws IndexOutOfBoundsException if `position` is not from 0 to below [#size]
    public void get(long position, ByteSlot out) {
        Objects.checkIndex(position, size);
        readAt(placeOf(position), out);
    }

    /// Where an element's record begins in the data.
    long placeOf(long position) {
        return index.longAt(position << 3);
    }

    /// Lets an element be the record at a place. Whoever orders a list anew sees to it that each
    /// record stays an element once.
    void setPlace(long position, long place) {
        index.setLong(position << 3, place);
    }

    /// Copies the record at a place into `out` and returns its length.
    int readAt(long place, ByteSlot out) {
        int length = 0;
        long at = place;
        for (int shift = 0; ; shift += 7) {
            int next = data.byteAt(at++);
            length |= (next & 0x7F) << shift;
            if (next <= 0x7F) {
                break;
            }
        }
        data.read(at, out.resize(length), 0, length);
        return length;
    }

    /// How many elements there are.
    public long size() {
        return size;
    }

    /// Pages held now.
    public int pageCount() {
        return data.pageCount() + index.pageCount();
    }

    /// What the list occupies on the Java heap, in bytes, about.
    public long heapBytes() {
        return data.heapBytes() + index.heapBytes() + 64;
    }

    /// Removes all elements and gives all pages back; the list stays usable.
    public void clear() {
        size = 0;
        end = 0;
        data.truncate(0);
        index.truncate(0);
    }

    /// Gives all pages back and ends the lease; an append throws from then on. Closing again does
    /// nothing.
    @Override
    public void close() {
        clear();
        source.end();
    }
}
