package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

/// Byte sequences of any length as chains of blocks of a [BlockHeap].
///
/// ```
///  63            40 39                0
/// +----------------+------------------+------------------------+
/// | size / 8       | next segment     | data, size - 8 bytes   |
/// +----------------+------------------+------------------------+
/// ```
///
/// The chain does not know how much of its last segment is used; its owner does.
final class Segments {
    static final int OVERHEAD = 8;
    static final int DATA_MAX = SizeClasses.LARGEST - OVERHEAD;

    private Segments() {}

    /// Takes segments for `bytes`, at least 1, and returns the first; all of them or none.
    static long allocate(BlockHeap heap, long bytes) {
        long full = bytes / DATA_MAX;
        int rest = (int) (bytes % DATA_MAX);
        long first = 0;
        boolean complete = false;
        try {
            if (rest > 0) {
                first = allocateOne(heap, rest, 0);
            }
            for (long i = 0; i < full; i++) {
                first = allocateOne(heap, DATA_MAX, first);
            }
            complete = true;
            return first;
        } finally {
            if (!complete) {
                free(heap, first);
            }
        }
    }

    /// Takes one segment for at least `bytes`, at most [#DATA_MAX], in front of `next`.
    static long allocateOne(BlockHeap heap, int bytes, long next) {
        int size = SizeClasses.bytes(SizeClasses.holding(bytes + OVERHEAD));
        long segment = heap.allocate(size);
        putLong(heap.address(segment), (long) size >>> 3 << BlockHeap.REF_BITS | next);
        return segment;
    }

    /// Frees a segment and all behind it; 0 is no segment.
    static void free(BlockHeap heap, long first) {
        long segment = first;
        while (segment != 0) {
            long header = getLong(heap.address(segment));
            heap.free(segment, sizeBytes(header));
            segment = header & BlockHeap.REF_MASK;
        }
    }

    static long next(BlockHeap heap, long segment) {
        return getLong(heap.address(segment)) & BlockHeap.REF_MASK;
    }

    static void setNext(BlockHeap heap, long segment, long next) {
        long address = heap.address(segment);
        putLong(address, getLong(address) & ~BlockHeap.REF_MASK | next);
    }

    static int dataBytes(BlockHeap heap, long segment) {
        return sizeBytes(getLong(heap.address(segment))) - OVERHEAD;
    }

    private static int sizeBytes(long header) {
        return (int) (header >>> BlockHeap.REF_BITS) << 3;
    }
}
