package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.state.run.EntryOp;
import io.aquifer.state.run.RunWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;

/// Takes records out of memory: writes those that are not on disk as a run, and drops them all.
///
/// A hand goes round the ranges of routings. Records that were used since it came by last stay and
/// lose their mark (*second chance*); of the others the dirty ones are written, range by range and
/// in order, so that a run is ordered without a sort of all, and covers a part of the routings
/// only. Nothing is dropped before the run is complete: when the disk refuses, memory is as it was.
///
/// Ranges that are being iterated are passed over. **Threads.** The table's.
final class Eviction {
    /// What is evicted at least, so that runs are not too many.
    private static final int PAGES_MIN = 32;

    private static final int TABLE_PARTS = 16;

    private final RecordTable table;
    private final ColdTier cold;
    private final PartitionOrder order;
    private final ByteSlot key = new ByteSlot();
    private final byte[] part = new byte[16 * 1024];

    /// The lowest routing of the next range.
    private long hand;

    private long[] ranges = new long[16];
    private int rangeCount;

    /// The number of the first range behind the end of the circle.
    private int wrapped;

    private long dirtyCount;
    private boolean running;
    private @Nullable IOException refusal;

    Eviction(RecordTable table, ColdTier cold) {
        this.table = table;
        this.cold = cold;
        this.order = new PartitionOrder(table);
    }

    /// Why the disk refused the last eviction, null if it did not.
    @Nullable IOException refusal() {
        return refusal;
    }

    /// Lets nothing be evicted while `snapshot` goes through the table.
    ///
    /// @throws IOException as the snapshot does
    TableRuns standBack(DirectSnapshot snapshot, boolean whole) throws IOException {
        running = true;
        try {
            return snapshot.take(whole);
        } finally {
            running = false;
        }
    }

    /// Gives back about so many pages, or all that can be. Does nothing when it is under way.
    ///
    /// @return how many pages less the table holds
    int run(int pages) {
        if (running || table.directory.isEmpty()) {
            return 0;
        }
        table.finishSnapshot();
        running = true;
        int before = table.pageCount();
        try {
            haveKept();
            int wanted = Math.max(pages, Math.max(PAGES_MIN, before / TABLE_PARTS));
            // Everything may be marked as used: then the first round only takes the marks away.
            for (int round = 0; round < 2 && before - table.pageCount() < pages; round++) {
                once(wanted);
            }
            refusal = null;
            table.keepPages();
            cold.tidy(table);
            if (cold.isBehind(table) || before - table.pageCount() < pages) {
                // What it gives back is not the table's, but memory all the same.
                cold.awaitMerge();
            }
        } catch (IOException refused) {
            refusal = refused;
        } catch (MemoryExhaustedException noFences) {
            // Without a page for the run's fences nothing can go; nothing has.
        } finally {
            running = false;
            table.keepPages();
        }
        return before - table.pageCount();
    }

    /// Sees to it that a run can have a page, and that one is left for a merge: where there are
    /// none for nothing, a merge gives back more than it takes.
    private void haveKept() {
        table.keepPages();
        if (table.keptCount() < 2 && cold.runs().size() > 1) {
            cold.mergeNow(table);
            table.keepPages();
        }
    }

    private void once(int pages) throws IOException {
        choose((long) pages * RecordPages.PAGE_BYTES);
        if (dirtyCount > 0) {
            KeptPages kept = table.handOver(Math.max(1, table.keptCount() - 1), true);
            try {
                cold.addNewest(cold.write(dirtyCount, true, true, kept, this::write));
            } finally {
                table.takeBack(kept);
            }
        }
        for (int i = 0; i < rangeCount; i++) {
            table.dropEvicted(ranges[i]);
        }
        for (int i = 0; i < rangeCount; i++) {
            table.shrinkEvicted(ranges[i]);
        }
    }

    /// Chooses ranges from the hand on until enough would be freed.
    private void choose(long wantedBytes) {
        Directory directory = table.directory;
        rangeCount = 0;
        wrapped = Integer.MAX_VALUE;
        dirtyCount = 0;
        long bytes = 0;
        int first = directory.startOf(hand);
        int at = first;
        boolean round = false;
        while (bytes < wantedBytes && !(round && at >= first)) {
            if (!directory.partitionAt(at).isPinned()) {
                add(directory.routingAt(at));
                bytes += evictable(at);
            }
            at = directory.positionAfter(at);
            if (at == directory.length() && !round) {
                round = true;
                wrapped = rangeCount;
                at = 0;
            }
        }
        hand = at == directory.length() ? 0 : directory.routingAt(at);
    }

    private void add(long routing) {
        if (rangeCount == ranges.length) {
            ranges = Arrays.copyOf(ranges, rangeCount * 2);
        }
        ranges[rangeCount++] = routing;
    }

    /// Bytes of the records of a range that would go; counts those that must be written.
    private long evictable(int position) {
        long bytes = 0;
        long page = Directory.firstOf(table.directory.entryAt(position));
        for (; page != 0; page = IndexPage.next(page)) {
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                if (getLong(at) != 0) {
                    long record = table.addressAt(at);
                    long header = getLong(record);
                    if (isEvictable(table, getLong(at), header)) {
                        dirtyCount += RecordHeader.dirty(header) == 0 ? 0 : 1;
                        bytes += table.content.allRoomOf(record);
                    }
                }
            }
        }
        return bytes;
    }

    static boolean isEvictable(RecordTable table, long slot, long header) {
        return (header & RecordHeader.USED) == 0
                && RecordHeader.kind(header) != RecordHeader.SHADOW
                && !table.isGuarded(slot, header);
    }

    private void write(RunWriter out) throws IOException {
        for (int i = 0; i < rangeCount; i++) {
            if (i == 0 || i == wrapped) {
                out.beginRange();
            }
            order.load(
                    ranges[i],
                    (slot, header) ->
                            isEvictable(table, slot, header) && RecordHeader.dirty(header) != 0);
            for (int j = 0; j < order.count(); j++) {
                write(table, order.routing(j), table.addressAt(order.slot(j)), key, part, out);
            }
        }
    }

    /// Writes one record as the entry that it is.
    static void write(
            RecordTable table, long routing, long record, ByteSlot key, byte[] part, RunWriter out)
            throws IOException {
        long header = getLong(record);
        if (!RecordHeader.isLarge(header)) {
            SnapshotRun.writeInline(routing, record, out);
            return;
        }
        int kind = RecordHeader.kind(header);
        table.content.readKey(record, key);
        if (RecordHeader.isTombstone(header)) {
            out.delete(routing, kind, key.array(), 0, key.length());
            return;
        }
        int length = RecordContent.valueLength(record);
        out.begin(EntryOp.PUT, routing, kind, key.array(), 0, key.length(), length);
        for (int at = 0; at < length; at += part.length) {
            int count = Math.min(part.length, length - at);
            table.content.readValue(record, at, part, 0, count);
            out.valuePart(part, 0, count);
        }
    }
}
