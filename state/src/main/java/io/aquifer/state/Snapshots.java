package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;

/// The snapshots of one table, of which one at most is under way, and the marks of records that
/// have changed since. **Threads.** The table's.
final class Snapshots {
    /// Pages that a snapshot copies records to: two ranges at least.
    private static final int STAGING_PAGES_MAX = 96;

    private static final int STAGING_PAGES_MIN = 24;

    /// A run's index takes a page for so many of the table that are written, about.
    private static final int HELD_PER_INDEX_PAGE = 100;

    /// What an entry takes at least, about.
    private static final int BYTES_PER_ENTRY = 48;

    private final RecordTable table;
    private final HeldPages source;

    /// What records that change are marked with, 1 or 2.
    private int phase = 1;

    private int number;
    private @Nullable TableSnapshot underWay;

    /// The pages that the run of the one under way has.
    private @Nullable KeptPages index;

    Snapshots(RecordTable table, HeldPages source) {
        this.table = table;
        this.source = source;
    }

    int phase() {
        return phase;
    }

    boolean isUnderWay() {
        return underWay != null;
    }

    /// As [StateTable#snapshot].
    TableSnapshot begin(ColdTier cold, Eviction eviction, Runnable onProgress) throws IOException {
        finish();
        cold.takeInEnded();
        boolean filtered = !table.isAllInMemory();
        boolean whole = !filtered && cold.isWholeWorthIt();
        source.keep();
        int indexPages = 2 + source.held() / HELD_PER_INDEX_PAGE;
        long[] staging = stagingPages();
        if (staging.length < STAGING_PAGES_MIN || source.keptCount() <= indexPages) {
            for (long page : staging) {
                source.release(page);
            }
            TableRuns runs = eviction.standBack(new DirectSnapshot(table, cold), whole);
            return TableSnapshot.done(table, cold, runs);
        }
        KeptPages kept = table.handOver(Math.max(indexPages, source.keptCount() - 1), false);
        long entries = (long) table.pages.count() * RecordPages.PAGE_BYTES / BYTES_PER_ENTRY;
        SnapshotRun run =
                new SnapshotRun(
                        table,
                        () -> cold.begin(entries, !whole, filtered, kept),
                        staging,
                        cold.snapshots(),
                        onProgress);
        int before = phase;
        phase = 3 - phase;
        index = kept;
        number++;
        TableSnapshot begun = TableSnapshot.begin(table, cold, whole, before, phase, number, run);
        underWay = begun;
        return begun;
    }

    /// Pages to copy records to that are to be written; few or none if there are none for nothing.
    private long[] stagingPages() {
        long[] staging = new long[STAGING_PAGES_MAX];
        int count = 0;
        while (source.held() >= STAGING_PAGES_MIN && count < staging.length) {
            long page = source.tryAllocate();
            if (page == 0) {
                break;
            }
            staging[count++] = page;
        }
        return Arrays.copyOf(staging, count);
    }

    /// Completes the one under way, if there is one.
    void finish() {
        TableSnapshot snapshot = underWay;
        if (snapshot != null) {
            snapshot.finish();
        }
    }

    /// Gives the one under way up, if there is one.
    void abort() {
        TableSnapshot snapshot = underWay;
        if (snapshot != null) {
            snapshot.abort();
        }
    }

    /// The one under way has ended: its pages come back.
    void ended(long[] staging, long[] undo) {
        underWay = null;
        for (long page : staging) {
            source.release(page);
        }
        for (long page : undo) {
            source.release(page);
        }
        KeptPages kept = index;
        index = null;
        if (kept != null) {
            table.takeBack(kept);
        }
        source.keep();
    }

    /// Lets the one under way keep what a record says before it changes or goes.
    void preserve(long record, long header, long routing) {
        TableSnapshot snapshot = underWay;
        if (snapshot != null) {
            snapshot.preserve(record, header, routing);
        }
    }

    /// A range was divided.
    void divided(long bit, Partition lower, Partition upper) {
        TableSnapshot snapshot = underWay;
        if (snapshot != null) {
            snapshot.divided(bit, lower, upper);
        }
    }

    /// Marks everything as changed.
    void markAll() {
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            directory.partitionAt(at).setUndo(0);
            long page = Directory.firstOf(directory.entryAt(at));
            for (; page != 0; page = IndexPage.next(page)) {
                for (long slot = page; slot < page + IndexPage.HEADER; slot += 8) {
                    if (getLong(slot) != 0) {
                        long record = table.addressAt(slot);
                        putLong(record, RecordHeader.withDirty(getLong(record), phase));
                    }
                }
            }
        }
    }

    /// Takes the tombstones out of a range of which the disk says that the keys were removed.
    void forgetRemoved(long routing) {
        Partition partition = table.directory.partition(routing);
        if (!partition.isEntombed() || table.isIterated()) {
            return;
        }
        boolean left = false;
        long page = table.directory.firstPage(routing);
        for (; page != 0; page = IndexPage.next(page)) {
            for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
                if (getLong(at) != 0) {
                    long header = getLong(table.addressAt(at));
                    if (RecordHeader.isTombstone(header)) {
                        if (RecordHeader.dirty(header) == 0) {
                            table.takeOut(at, routing);
                        } else {
                            left = true;
                        }
                    }
                }
            }
        }
        partition.setEntombed(left);
        if (table.isWorthCompacting(routing)) {
            table.compact(routing);
        }
    }
}
