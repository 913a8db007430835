package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.Objects;

/// Touches what the lookups of a batch of keys will touch: first all index lines, then all records,
/// so that the misses of a batch overlap.
///
/// Java has no prefetch instruction; a plain load does it, and the sum of what was loaded is kept
/// so that the loads are not optimised away.
///
/// What it finds it remembers, as does the table for the key looked up last: a lookup that follows
/// then checks one record instead of searching a bucket, whose length the processor cannot predict.
/// Remembered slots hold until a key comes or goes ([HashIndex#changes]).
final class Prefetch {
    private static final int BATCH = 64;

    private final BlockHeap heap;
    private final HashIndex index;
    private final KeyHash hash;
    private final long[] hashes = new long[BATCH];

    /// First the index lines, then the slots found in them, 0 for none.
    private final long[] lines = new long[BATCH];

    private int found;
    private int next;
    private long lastHash;
    private long lastSlot;
    private long changes = -1;
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
            long slot = slotIn(lines[i], hashes[i]);
            lines[i] = slot;
            if (slot != 0) {
                sum += getLong(heap.address(IndexPage.ref(getLong(slot))));
            }
        }
        sink += sum;
        found = batch;
        next = 0;
        lastSlot = 0;
        changes = index.changes();
    }

    /// The slot that a key with this hash was found in lately, or 0. Another key may have the hash.
    long slotOf(long hash) {
        if (changes != index.changes()) {
            return 0;
        }
        if (lastSlot != 0 && lastHash == hash) {
            return lastSlot;
        }
        if (next < found && hashes[next] == hash) {
            lastHash = hash;
            lastSlot = lines[next++];
            return lastSlot;
        }
        return 0;
    }

    /// A search has found this slot, 0 for none.
    void remember(long hash, long slot) {
        if (changes != index.changes()) {
            changes = index.changes();
            found = 0;
            next = 0;
        }
        lastHash = hash;
        lastSlot = slot;
    }

    /// The first slot of a bucket with the tag of this hash, or 0. Branching beats comparing all
    /// eight without a branch (measured): a guess lets the record's load start early.
    private static long slotIn(long line, long hash) {
        for (long at = line; at < line + 64; at += 8) {
            long slot = getLong(at);
            if (((slot ^ hash) & IndexPage.TAG_MASK) == 0 && slot != 0) {
                return at;
            }
        }
        return 0;
    }
}
