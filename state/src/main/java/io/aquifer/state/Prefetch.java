package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.Objects;

/// Touches what the lookups of a batch of keys will touch: first all index lines, then all records,
/// so that the misses of a batch overlap.
///
/// Java has no prefetch instruction; a plain load does it, and the sum of what was loaded is kept
/// so that the loads are not optimised away.
final class Prefetch {
    private static final int BATCH = 64;

    private final BlockHeap heap;
    private final HashIndex index;
    private final KeyHash hash;
    private final long[] hashes = new long[BATCH];
    private final long[] lines = new long[BATCH];
    private long sink;

    Prefetch(BlockHeap heap, HashIndex index, KeyHash hash) {
        this.heap = heap;
        this.index = index;
        this.hash = hash;
    }

    long heapBytes() {
        return 16L * BATCH + 64;
    }

    void touch(byte[][] keys, int[] offsets, int[] lengths, int count) {
        for (int from = 0; from < count; from += BATCH) {
            int batch = Math.min(BATCH, count - from);
            for (int i = 0; i < batch; i++) {
                byte[] key = keys[from + i];
                hashes[i] = hashOf(key, offsets[from + i], lengths[from + i]);
            }
            touchBatch(batch);
        }
    }

    void touch(byte[] keys, int[] offsets, int[] lengths, int count) {
        for (int from = 0; from < count; from += BATCH) {
            int batch = Math.min(BATCH, count - from);
            for (int i = 0; i < batch; i++) {
                hashes[i] = hashOf(keys, offsets[from + i], lengths[from + i]);
            }
            touchBatch(batch);
        }
    }

    private long hashOf(byte[] key, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, key.length);
        return hash.of(key, offset, length);
    }

    private void touchBatch(int batch) {
        if (index.pageCount() == 0) {
            return;
        }
        long sum = 0;
        for (int i = 0; i < batch; i++) {
            long line = HashIndex.firstOf(index.entry(hashes[i])) + IndexPage.homeOffset(hashes[i]);
            lines[i] = line;
            sum += getLong(line);
        }
        for (int i = 0; i < batch; i++) {
            sum += touchRecord(lines[i], hashes[i]);
        }
        sink += sum;
    }

    private long touchRecord(long line, long hash) {
        for (int offset = 0; offset < 64; offset += 8) {
            long slot = getLong(line + offset);
            if (((slot ^ hash) & IndexPage.TAG_MASK) == 0 && slot != 0) {
                return getLong(heap.address(IndexPage.ref(slot)));
            }
        }
        return 0;
    }
}
