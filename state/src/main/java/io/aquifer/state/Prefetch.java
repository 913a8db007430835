package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

/// Touches what the lookups of a batch of keys will touch: first all index lines, then all records,
/// so that the misses of a batch overlap.
///
/// Java has no prefetch instruction; a plain load does it, and the sum of what was loaded is kept
/// so that the loads are not optimised away.
///
/// What it finds it remembers, as does the table for the key looked up last: a lookup that follows
/// then checks one record instead of searching a bucket, whose length the processor cannot predict.
/// Remembered slots hold until a key comes or goes ([RecordTable#changes]).
final class Prefetch {
    private static final int BATCH = 64;

    private final RecordTable table;
    private final long[] routings = new long[BATCH];

    /// First the index lines, then the slots found in them, 0 for none.
    private final long[] lines = new long[BATCH];

    private int found;
    private int next;
    private long lastRouting;
    private long lastSlot;
    private long changes = -1;
    private long sink;

    Prefetch(RecordTable table) {
        this.table = table;
    }

    long heapBytes() {
        return 16L * BATCH + 64;
    }

    void touch(long[] keyRoutings, int count) {
        for (int from = 0; from < count; from += BATCH) {
            int batch = Math.min(BATCH, count - from);
            System.arraycopy(keyRoutings, from, routings, 0, batch);
            touchBatch(batch);
        }
    }

    private void touchBatch(int batch) {
        if (table.pageCount() == 0) {
            return;
        }
        long sum = 0;
        for (int i = 0; i < batch; i++) {
            long line = table.directory.firstPage(routings[i]) + IndexPage.homeOffset(routings[i]);
            lines[i] = line;
            sum += getLong(line);
        }
        for (int i = 0; i < batch; i++) {
            long slot = slotIn(lines[i], routings[i]);
            lines[i] = slot;
            if (slot != 0) {
                sum += getLong(table.addressAt(slot));
            }
        }
        sink += sum;
        found = batch;
        next = 0;
        lastSlot = 0;
        changes = table.changes();
    }

    /// The slot that a key with this routing was found in lately, or 0. Another key may have it.
    long slotOf(long routing) {
        if (changes != table.changes()) {
            return 0;
        }
        if (lastSlot != 0 && lastRouting == routing) {
            return lastSlot;
        }
        if (next < found && routings[next] == routing) {
            lastRouting = routing;
            lastSlot = lines[next++];
            return lastSlot;
        }
        return 0;
    }

    /// A search has found this slot, 0 for none.
    void remember(long routing, long slot) {
        if (changes != table.changes()) {
            changes = table.changes();
            found = 0;
            next = 0;
        }
        lastRouting = routing;
        lastSlot = slot;
    }

    /// The first slot of a bucket with the tag of this routing, or 0. Branching beats comparing all
    /// eight without a branch (measured): a guess lets the record's load start early.
    private static long slotIn(long line, long routing) {
        for (long at = line; at < line + 64; at += 8) {
            long slot = getLong(at);
            if (((slot ^ routing) & IndexPage.TAG_MASK) == 0 && slot != 0) {
                return at;
            }
        }
        return 0;
    }
}
