package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.state.run.Run;
import io.aquifer.state.run.RunWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// A table as it was at one moment, on its way to disk while the table goes on.
///
/// At that moment only the mark changes that changed records get. Then the table's thread, in steps
/// of one range of routings, copies what is to be saved, and another thread orders and writes it. A
/// record that is changed before the step of its range is copied first; the copies of a range hang
/// together, and go with it. Without memory for such a copy, the range's step is done at once.
///
/// What was copied is marked as being on disk already. Nothing is evicted meanwhile: who needs
/// memory has the snapshot completed first. If the disk refuses, everything counts as changed.
///
/// **Threads.** The table's, but [#canAdvance].
public final class TableSnapshot implements AutoCloseable {
    /// Copies before a step takes at most so much of the table.
    private static final int UNDO_SHARE = 4;

    private static final int UNDO_PAGES_MIN = 32;

    private final RecordTable table;
    private final ColdTier cold;
    private final boolean whole;

    /// The mark of what has changed before.
    private final int before;

    /// The mark of what changes from now on.
    private final int now;

    /// What ranges say that are done with.
    private final int number;

    private final @Nullable SnapshotRun run;
    private final StagedRecords undo = new StagedRecords();
    private final int undoPagesMax;
    private final RoutingOrder direct;
    private final ByteSlot key = new ByteSlot();
    private final byte[] part = new byte[16 * 1024];

    /// The lowest routing of the range whose turn it is.
    private long next;

    private boolean scanned;
    private boolean completing;

    /// Whether the last step had to leave off.
    private boolean stalled;

    private @Nullable TableRuns result;
    private boolean taken;
    private @Nullable IOException failure;

    /// @param run null if it is done already
    private TableSnapshot(
            RecordTable table,
            ColdTier cold,
            boolean whole,
            int before,
            int now,
            int number,
            @Nullable SnapshotRun run) {
        this.table = table;
        this.cold = cold;
        this.whole = whole;
        this.before = before;
        this.now = now;
        this.number = number;
        this.run = run;
        this.undoPagesMax = Math.max(UNDO_PAGES_MIN, table.pageCount() / UNDO_SHARE);
        this.direct = new RoutingOrder(new KeyOrder(table));
    }

    /// One that is complete.
    static TableSnapshot done(RecordTable table, ColdTier cold, TableRuns runs) {
        TableSnapshot done = new TableSnapshot(table, cold, false, 0, 0, 0, null);
        done.result = runs;
        return done;
    }

    /// Begins one; the table's records get the mark `now` from now on.
    ///
    /// @param whole whether all is saved, in the place of all runs
    static TableSnapshot begin(
            RecordTable table,
            ColdTier cold,
            boolean whole,
            int before,
            int now,
            int number,
            SnapshotRun run) {
        return new TableSnapshot(table, cold, whole, before, now, number, run);
    }

    /// Goes a step on, as far as it need not wait.
    ///
    /// @return whether it has ended: [#result] says how
    public boolean advance() {
        SnapshotRun writing = run;
        if (writing == null || hasEnded()) {
            return true;
        }
        stalled = writing.failure() == null && !scanned && !step(writing);
        if (writing.failure() == null) {
            if (!scanned) {
                return false;
            }
            if (!completing) {
                completing = true;
                writing.finish();
            }
            if (!writing.isIdle()) {
                stalled = true;
                return false;
            }
        }
        if (writing.failure() != null) {
            fail(writing);
        } else {
            complete(writing);
        }
        return true;
    }

    /// Whether [#advance] would get on. Any thread.
    public boolean canAdvance() {
        SnapshotRun writing = run;
        return writing == null || writing.isIdle();
    }

    /// Completes it, and waits for that.
    public void finish() {
        SnapshotRun writing = run;
        while (!advance()) {
            if (writing != null && stalled) {
                writing.awaitIdle();
            }
        }
    }

    private boolean hasEnded() {
        return result != null || failure != null;
    }

    /// Lets the result go if nobody has taken it, now or when there is one. The table still
    /// completes what it has begun.
    @Override
    public void close() {
        TableRuns runs = result;
        if (!taken && runs != null) {
            runs.close();
        }
        taken = true;
    }

    /// The runs that hold the table as it was; the caller closes them. Once, when it has ended.
    ///
    /// @throws IOException if the disk has refused
    public TableRuns result() throws IOException {
        IOException refused = failure;
        if (refused != null) {
            throw refused;
        }
        TableRuns runs = result;
        if (runs == null) {
            throw new IllegalStateException("a snapshot that has not ended has no result");
        }
        taken = true;
        return runs;
    }

    /// Gives it up; the table goes on as if it had never been.
    void abort() {
        SnapshotRun writing = run;
        if (writing != null && !hasEnded()) {
            writing.fail(new IOException("the table was closed before its snapshot was complete"));
            fail(writing);
        }
    }

    // ---- copying

    private boolean isSaved(long header) {
        if (RecordHeader.kind(header) == RecordHeader.SHADOW) {
            return false;
        }
        int dirty = RecordHeader.dirty(header);
        return whole ? dirty != now && !RecordHeader.isTombstone(header) : dirty == before;
    }

    /// Whether a record says that a key was removed, and nothing older will be there.
    private boolean isSuperfluous(long header) {
        return whole && RecordHeader.isTombstone(header) && RecordHeader.dirty(header) != now;
    }

    /// Keeps what a record says before it changes or goes.
    void preserve(long record, long header, long routing) {
        if (!isSaved(header)) {
            return;
        }
        Partition partition = table.directory.partition(routing);
        if (partition.savedIn() == number) {
            return;
        }
        SnapshotRun writing = requireRun();
        if (RecordHeader.isLarge(header) || !hasUndoRoom(RecordContent.inlineBytes(header))) {
            saveRangeNow(routing, writing);
            return;
        }
        long copy = undo.add(partition.undo(), routing, record, RecordContent.inlineBytes(header));
        partition.setUndo(copy);
        // So it is copied once, whatever becomes of the change.
        putLong(record, RecordHeader.withDirty(header, now));
    }

    private SnapshotRun requireRun() {
        SnapshotRun writing = run;
        if (writing == null) {
            throw new IllegalStateException("a snapshot that is done keeps nothing");
        }
        return writing;
    }

    private boolean hasUndoRoom(int recordBytes) {
        if (undo.fits(recordBytes)) {
            return true;
        }
        long page = undo.pageCount() < undoPagesMax ? table.tryAllocatePage() : 0;
        if (page == 0) {
            return false;
        }
        undo.addPage(page);
        return true;
    }

    private void saveRangeNow(long routing, SnapshotRun writing) {
        while (!saveRange(routing, writing)) {
            writing.awaitIdle();
        }
    }

    /// Takes the next range that is not done with; false if there is no room for it now.
    private boolean step(SnapshotRun writing) {
        Directory directory = table.directory;
        if (directory.isEmpty()) {
            scanned = true;
            return true;
        }
        int at = directory.startOf(next);
        while (at < directory.length() && directory.partitionAt(at).savedIn() == number) {
            at = directory.positionAfter(at);
        }
        if (at < directory.length()) {
            next = directory.routingAt(at);
            table.snapshots.forgetRemoved(next);
            if (!saveRange(next, writing)) {
                return false;
            }
            at = directory.positionAfter(directory.startOf(next));
        }
        scanned = at == directory.length();
        next = scanned ? 0 : directory.routingAt(at);
        return true;
    }

    /// Copies what is to be saved of the range of a routing; false, with nothing done, if there is
    /// no room now.
    private boolean saveRange(long routing, SnapshotRun writing) {
        Partition partition = table.directory.partition(routing);
        long bytes = 0;
        int largest = 0;
        boolean large = false;
        long first = table.directory.firstPage(routing);
        for (long page = first; page != 0; page = IndexPage.next(page)) {
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                long header = getLong(at) == 0 ? 0 : getLong(table.addressAt(at));
                if (isSuperfluous(header)) {
                    putLong(table.addressAt(at), RecordHeader.withDirty(header, 0));
                } else if (header != 0 && isSaved(header)) {
                    large |= RecordHeader.isLarge(header);
                    int copied = StagedRecords.bytesFor(RecordContent.inlineBytes(header));
                    bytes += copied;
                    largest = Math.max(largest, copied);
                }
            }
        }
        for (long copy = partition.undo(); copy != 0; copy = StagedRecords.link(copy)) {
            int copied = StagedRecords.bytesFor(inlineBytesOf(copy));
            bytes += copied;
            largest = Math.max(largest, copied);
        }
        long pages = bytes == 0 ? 0 : bytes / (RecordPages.PAGE_BYTES - largest) + 1;
        if (large || pages > writing.pagesMax()) {
            saveDirectly(routing, partition, writing);
        } else if (pages > writing.freePages()) {
            return false;
        } else if (bytes > 0) {
            copyRange(first, partition, writing);
        }
        partition.setSavedIn(number);
        partition.setUndo(0);
        return true;
    }

    private static int inlineBytesOf(long copy) {
        return RecordContent.inlineBytes(getLong(StagedRecords.record(copy)));
    }

    private void copyRange(long first, Partition partition, SnapshotRun writing) {
        StagedRecords copies = new StagedRecords();
        for (long page = first; page != 0; page = IndexPage.next(page)) {
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                long slot = getLong(at);
                if (slot != 0) {
                    long record = table.addressAt(at);
                    long header = getLong(record);
                    if (isSaved(header)) {
                        copy(table.routingOf(slot, record), record, copies, writing);
                        putLong(record, RecordHeader.withDirty(header, 0));
                    }
                }
            }
        }
        for (long copy = partition.undo(); copy != 0; copy = StagedRecords.link(copy)) {
            copy(StagedRecords.routing(copy), StagedRecords.record(copy), copies, writing);
        }
        writing.write(copies, IndexPage.depth(first));
    }

    private static void copy(long routing, long record, StagedRecords copies, SnapshotRun writing) {
        int bytes = RecordContent.inlineBytes(getLong(record));
        if (!copies.fits(bytes)) {
            copies.addPage(writing.takePage());
        }
        copies.add(0, routing, record, bytes);
    }

    /// Writes a range from the table itself: one that has large records, or is larger than what
    /// there is for copies.
    private void saveDirectly(long routing, Partition partition, SnapshotRun writing) {
        writing.awaitIdle();
        direct.clear();
        long first = table.directory.firstPage(routing);
        for (long page = first; page != 0; page = IndexPage.next(page)) {
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                long slot = getLong(at);
                if (slot != 0 && isSaved(getLong(table.addressAt(at)))) {
                    direct.add(table.routingOf(slot, table.addressAt(at)), table.addressAt(at));
                }
            }
        }
        for (long copy = partition.undo(); copy != 0; copy = StagedRecords.link(copy)) {
            direct.add(StagedRecords.routing(copy), StagedRecords.record(copy));
        }
        direct.sort(IndexPage.depth(first));
        try {
            if (writing.failure() == null) {
                RunWriter out = writing.out();
                out.beginRange();
                for (int i = 0; i < direct.count(); i++) {
                    Eviction.write(table, direct.routing(i), direct.value(i), key, part, out);
                }
            }
        } catch (IOException refused) {
            writing.fail(refused);
        }
        for (int i = 0; i < direct.count(); i++) {
            long record = direct.value(i);
            putLong(record, RecordHeader.withDirty(getLong(record), 0));
        }
    }

    /// The range of a routing was divided: the copies of the upper half go with it.
    void divided(long bit, Partition lower, Partition upper) {
        upper.setSavedIn(lower.savedIn());
        long copy = lower.undo();
        lower.setUndo(0);
        while (copy != 0) {
            long link = StagedRecords.link(copy);
            Partition to = (StagedRecords.routing(copy) & bit) != 0 ? upper : lower;
            StagedRecords.setLink(copy, to.undo());
            to.setUndo(copy);
            copy = link;
        }
    }

    // ---- ending

    private void complete(SnapshotRun writing) {
        Run written = writing.end();
        if (whole) {
            cold.replaceAll(written);
        } else if (written != null) {
            cold.addNewest(written);
        }
        TableRuns runs = new TableRuns(cold.runs());
        result = runs;
        if (taken) {
            runs.close();
        }
        table.snapshots.ended(writing.pages(), undo.takePages());
        if (!table.isAllInMemory()) {
            cold.tidy(table);
        }
    }

    private void fail(SnapshotRun writing) {
        writing.awaitIdle();
        Run written = writing.end();
        if (written != null) {
            written.release();
        }
        failure = writing.failure();
        table.snapshots.ended(writing.pages(), undo.takePages());
        table.snapshots.markAll();
    }
}
