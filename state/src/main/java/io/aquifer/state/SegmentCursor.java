package io.aquifer.state;

import io.aquifer.memory.kernel.PageAccess;

/// A position in a chain of [Segments] that reads, compares and writes forward.
///
/// Moving past the end of the chain is a bug of the caller, who knows the length.
final class SegmentCursor {
    private final BlockHeap heap;
    private long segment;
    private int position;
    private int dataBytes;

    SegmentCursor(BlockHeap heap) {
        this.heap = heap;
    }

    void open(long first) {
        open(first, 0);
    }

    /// Goes to byte `offset` of the data of a segment.
    void open(long atSegment, int offset) {
        segment = atSegment;
        position = offset;
        dataBytes = Segments.dataBytes(heap, atSegment);
    }

    /// The segment of the position; the position may be its end.
    long segment() {
        return segment;
    }

    int position() {
        return position;
    }

    void read(byte[] to, int offset, int length) {
        for (int done = 0; done < length; ) {
            int part = part(length - done);
            PageAccess.copy(address(), to, offset + done, part);
            position += part;
            done += part;
        }
    }

    int readByte() {
        part(1);
        int value = PageAccess.getByte(address()) & 0xFF;
        position++;
        return value;
    }

    void write(byte[] from, int offset, int length) {
        for (int done = 0; done < length; ) {
            int part = part(length - done);
            PageAccess.copy(from, offset + done, address(), part);
            position += part;
            done += part;
        }
    }

    /// Compares and moves; where it stands after a difference is undefined.
    boolean equalsNext(byte[] bytes, int offset, int length) {
        for (int done = 0; done < length; ) {
            int part = part(length - done);
            if (!PageAccess.equals(address(), bytes, offset + done, part)) {
                return false;
            }
            position += part;
            done += part;
        }
        return true;
    }

    void skip(long length) {
        for (long left = length; left > 0; ) {
            int part = part((int) Math.min(left, Integer.MAX_VALUE));
            position += part;
            left -= part;
        }
    }

    /// How much of `wanted` lies in the current segment, after going to the next at the end of one.
    private int part(int wanted) {
        if (position == dataBytes) {
            open(Segments.next(heap, segment));
        }
        return Math.min(wanted, dataBytes - position);
    }

    private long address() {
        return heap.address(segment) + Segments.OVERHEAD + position;
    }
}
