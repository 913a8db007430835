package io.aquifer.state;

import io.aquifer.memory.PageLease;
import io.aquifer.memory.Rung;
import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.run.RunPages;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Objects;

/// A hash table from key bytes to value bytes on the pages of one lease; off the Java heap but for
/// a directory of about 60 bytes for each hundred KiB.
///
/// Keys and values have any length that memory allows, zero included. A value is overwritten in
/// place while its room suffices. Nothing on the path of a get, put or remove allocates Java
/// objects, except a result slot that must grow and, every few thousand keys, the directory. The
/// table grows by one page at a time and gives pages back when keys are removed.
///
/// **Invariant**, after every call, thrown or not: the pages held by the lease are exactly
/// [#pageCount], and the entries are those of the calls that returned.
///
/// | Call             | Waits | When the budget is spent                                                   |
/// |------------------|-------|----------------------------------------------------------------------------|
/// | [#put]           | no    | throws [io.aquifer.memory.MemoryExhaustedException], entries as before     |
/// | all others       | no    | take no memory                                                             |
///
/// **Threads.** One at a time, since even a lookup uses the table's scratch.
///
/// ```java
/// KeyRouting routing = KeyRouting.of(seed, maxParallelism);
/// StateKey key = new StateKey(routing);
/// try (ValueTable table = ValueTable.open(task.leasePages(manager.managed(), "counts"), routing)) {
///     key.set(bytes, 0, bytes.length, keyGroup);
///     table.put(key, value, 0, value.length);
///     if (table.get(key, slot)) { … slot.array(), slot.length() … }
/// }
/// ```
public final class ValueTable implements StateTable {
    final RecordTable records;

    ValueTable(PageSource source, KeyRouting routing, @Nullable ColdTier cold) {
        this.records = new RecordTable(source, routing, false, cold);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param routing that of the keys
    public static ValueTable open(PageLease pages, KeyRouting routing) {
        return new ValueTable(PageSource.of(pages), routing, null);
    }

    /// As [#open(PageLease, KeyRouting)], and what does not fit into memory goes to disk: register
    /// the table as a [Reclaimer] of its scope.
    ///
    /// @param description what its files say of it
    public static ValueTable open(
            PageLease pages, KeyRouting routing, TableSpill spill, TableSpill.Table description) {
        ColdTier cold = new ColdTier(spill, description, RunPages.of(pages));
        return new ValueTable(PageSource.of(pages), routing, cold);
    }

    /// As [#open(PageLease, KeyRouting, TableSpill, TableSpill.Table)], with what a checkpoint
    /// holds.
    ///
    /// @param routing with the seed of the table that was saved
    /// @throws IOException if a run cannot be read, or is another state's; the table is closed then
    public static ValueTable open(
            PageLease pages,
            KeyRouting routing,
            TableSpill spill,
            TableSpill.Table description,
            SavedRuns saved)
            throws IOException {
        ValueTable table = open(pages, routing, spill, description);
        table.records.begin(saved);
        return table;
    }

    @Override
    public void forEachEntry(EntrySink out) throws IOException {
        TableScan.walkValues(records, out);
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

    /// Copies the value of a key into `out`; false, with `out` as before, if there is none.
    public boolean get(StateKey key, ByteSlot out) {
        return records.get(key, out);
    }

    /// Whether the key has a value.
    public boolean contains(StateKey key) {
        return records.contains(key);
    }

    /// Sets the value of a key.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the key has its value of before, or still none
    /// @throws IllegalStateException if the key is new and the table is being iterated
    public void put(StateKey key, byte[] value, int valueOffset, int valueLength) {
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        records.put(key, value, valueOffset, valueLength);
    }

    /// Removes a key; false if it is not there.
    public boolean remove(StateKey key) {
        return records.remove(key);
    }

    /// How many keys there are.
    public long size() {
        return records.size();
    }

    /// Calls `visitor` once for each entry, in no particular order. Keys may be updated and removed
    /// meanwhile; what is removed before its turn is not visited. Adding a key throws and changes
    /// nothing. If the visitor throws, the iteration ends with that.
    public void forEach(EntryVisitor visitor) {
        records.forEach(RecordHeader.VALUE, true, (group, key, value) -> visitor.visit(key, value));
    }

    @Override
    public void writeTo(StateFileWriter out) throws IOException {
        TableScan.writeValues(records, out);
    }

    @Override
    public void prefetch(long[] routings, int count) {
        records.prefetch(routings, count);
    }

    @Override
    public void clear() {
        records.clear();
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
        records.close();
    }
}
