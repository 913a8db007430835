package io.aquifer.state;

import io.aquifer.memory.PageLease;
import io.aquifer.memory.Rung;
import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.run.RunPages;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Objects;

/// A hash table from key bytes to a list of elements on the pages of one lease, off the Java heap.
///
/// A key without elements is not in the table. A list is one record: a short one lies beside others
/// and its room grows by a quarter at a time, a long one has pages of its own; so an append is one
/// lookup and a copy, however long the list, up to 2 GiB. A list is read by a [ListCursor].
///
/// ```
/// | list id, i32 | element | element | ...          an element: its length, seven bits to a byte, its bytes
/// ```
///
/// **Invariant**, after every call, thrown or not: the pages held by the lease are exactly
/// [#pageCount], and the lists are those of the calls that returned.
///
/// | Call                   | Waits | When the budget is spent                                               |
/// |------------------------|-------|------------------------------------------------------------------------|
/// | [#append], [#replace]  | no    | throws [io.aquifer.memory.MemoryExhaustedException], lists as before   |
/// | all others             | no    | take no memory                                                         |
///
/// **Threads.** One at a time, cursors included.
public final class ListTable implements StateTable {
    static final int ID_BYTES = Integer.BYTES;

    /// How many bytes of a new list are gathered on the Java heap before they go to pages.
    private static final int GATHERED_MAX = 64 * 1024;

    final RecordTable records;
    private final ByteSlot element = new ByteSlot();
    private final StateKey shadow;
    private final ElementBytes appended = new ElementBytes();
    private int lastId;
    private long reclaims;
    private boolean replacing;

    ListTable(PageSource source, KeyRouting routing, @Nullable ColdTier cold) {
        this.records = new RecordTable(source, routing, true, cold);
        this.shadow = new StateKey(routing);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param routing that of the keys
    public static ListTable open(PageLease pages, KeyRouting routing) {
        return new ListTable(PageSource.of(pages), routing, null);
    }

    /// As [#open(PageLease, KeyRouting)], and what does not fit into memory goes to disk: register
    /// the table as a [Reclaimer] of its scope.
    ///
    /// @param description what its files say of it
    public static ListTable open(
            PageLease pages, KeyRouting routing, TableSpill spill, TableSpill.Table description) {
        ColdTier cold = new ColdTier(spill, description, RunPages.of(pages));
        return new ListTable(PageSource.of(pages), routing, cold);
    }

    /// As [#open(PageLease, KeyRouting, TableSpill, TableSpill.Table)], with what a checkpoint
    /// holds.
    ///
    /// @param routing with the seed of the table that was saved
    /// @throws IOException if a run cannot be read, or is another state's; the table is closed then
    public static ListTable open(
            PageLease pages,
            KeyRouting routing,
            TableSpill spill,
            TableSpill.Table description,
            SavedRuns saved)
            throws IOException {
        ListTable table = open(pages, routing, spill, description);
        table.lastId = saved.firstId();
        table.records.begin(saved);
        return table;
    }

    @Override
    public void forEachEntry(EntrySink out) throws IOException {
        TableScan.walkElements(records, out);
    }

    @Override
    public boolean isSavedAsRuns(int pages) {
        return records.isSavedAsRuns(pages);
    }

    @Override
    public TableSnapshot snapshot(Runnable onProgress) throws IOException {
        return records.snapshot(onProgress);
    }

    @Override
    public void finishSnapshot() {
        records.finishSnapshot();
    }

    @Override
    public Rung rung() {
        return Rung.SPILL;
    }

    @Override
    public long reclaimableBytes() {
        return (long) records.evictablePages() * PageSource.PAGE_BYTES;
    }

    @Override
    public void reclaim(long bytes) {
        records.evict(Math.toIntExact(Math.ceilDiv(bytes, PageSource.PAGE_BYTES)));
    }

    /// Adds an element at the end of the list of a key.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the list is as before
    /// @throws IllegalStateException if the key has no list yet and the keys are being iterated
    public void append(StateKey key, byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        checkNotReplacing();
        appended.clear();
        appended.addInt(lastId + 1);
        appended.add(bytes, offset, length);
        if (!records.append(key, appended.array(), ID_BYTES, appended.length() - ID_BYTES)) {
            records.put(key, appended.array(), 0, appended.length());
            lastId++;
        }
    }

    /// Sets the list of a key to the elements of `elements`, which may be none.
    ///
    /// The list of before stays until the last element is there, so both need room for a moment.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the list is as before, as it is when `elements` throws
    /// @throws IllegalStateException if the key is new and the keys are being iterated
    public void replace(StateKey key, ElementSource elements) {
        checkNotReplacing();
        appended.clear();
        appended.addInt(++lastId);
        shadow.setShadow(key);
        boolean shadowed = false;
        boolean complete = false;
        replacing = true;
        try {
            while (elements.next(element)) {
                appended.add(element.array(), 0, element.length());
                if (appended.length() > GATHERED_MAX) {
                    addToShadow(shadowed);
                    shadowed = true;
                    appended.clear();
                }
            }
            if (shadowed) {
                addToShadow(true);
                records.promote(shadow, key);
            } else if (appended.length() > ID_BYTES) {
                records.put(key, appended.array(), 0, appended.length());
            } else {
                records.remove(key);
            }
            reclaims++;
            complete = true;
        } finally {
            replacing = false;
            if (shadowed && !complete) {
                records.remove(shadow);
            }
        }
    }

    private void addToShadow(boolean begun) {
        if (begun) {
            records.append(shadow, appended.array(), 0, appended.length());
        } else {
            records.put(shadow, appended.array(), 0, appended.length());
        }
    }

    /// Removes the list of a key; false if it has none.
    public boolean clear(StateKey key) {
        checkNotReplacing();
        reclaims++;
        return records.remove(key);
    }

    /// Whether the key has a list.
    public boolean contains(StateKey key) {
        return records.contains(key);
    }

    /// A cursor to read lists of this table with, one after the other; keep and reuse it.
    public ListCursor newCursor() {
        return new ListCursor(this);
    }

    /// Changes whenever some list went or was replaced.
    long reclaims() {
        return reclaims;
    }

    private void checkNotReplacing() {
        if (replacing) {
            throw new IllegalStateException(
                    "cannot change a list table from within the elements of its replace: hand the"
                            + " elements over first");
        }
    }

    /// How many keys have a list.
    public long size() {
        return records.size();
    }

    /// Calls `visitor` once for each key, in no particular order; see [KeyVisitor] for what it may
    /// do.
    public void forEachKey(KeyVisitor visitor) {
        records.forEach(RecordHeader.VALUE, false, (group, key, value) -> visitor.visit(key));
    }

    @Override
    public void writeTo(StateFileWriter out) throws IOException {
        TableScan.writeElements(records, out);
    }

    @Override
    public void prefetch(long[] routings, int count) {
        records.prefetch(routings, count);
    }

    @Override
    public void clear() {
        checkNotReplacing();
        records.clear();
        reclaims++;
    }

    @Override
    public int pageCount() {
        return records.pageCount();
    }

    @Override
    public long heapBytes() {
        return records.heapBytes();
    }

    @Override
    public void close() {
        checkNotReplacing();
        records.close();
        reclaims++;
    }
}
