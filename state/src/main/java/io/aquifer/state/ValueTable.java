package io.aquifer.state;

import io.aquifer.memory.PageLease;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.util.Objects;

/// A hash table from key bytes to value bytes on the pages of one lease; off the Java heap but for
/// a directory of about 20 bytes per page.
///
/// Keys and values have any length that memory allows, zero included. A value is overwritten in
/// place while its block fits. Nothing on the path of a get, put or remove allocates Java objects,
/// except a result slot that must grow and, every few thousand keys, the directory. The table grows
/// by one page at a time and gives pages back when keys are removed.
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
/// try (ValueTable table = ValueTable.open(task.leasePages(manager.managed(), "counts"), seed)) {
///     table.put(key, 0, key.length, value, 0, value.length);
///     if (table.get(key, 0, key.length, slot)) { … slot.array(), slot.length() … }
/// }
/// ```
public final class ValueTable implements AutoCloseable {
    private final PageSource source;
    final BlockHeap heap;
    final Records records;
    private final KeyHash hash;
    private final Prefetch prefetch;

    ValueTable(PageSource source, KeyHash hash) {
        this.source = source;
        this.hash = hash;
        this.heap = new BlockHeap(source);
        this.records = new Records(source, heap, 0);
        this.prefetch = new Prefetch(heap, records.index, hash);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param seed makes the order and the collisions of keys unpredictable; need not be kept
    public static ValueTable open(PageLease pages, long seed) {
        return new ValueTable(PageSource.of(pages), new KeyHash(seed));
    }

    /// Copies the value of a key into `out`; false, with `out` as before, if there is none.
    public boolean get(byte[] key, int keyOffset, int keyLength, ByteSlot out) {
        long slot = find(key, keyOffset, keyLength);
        if (slot == 0) {
            return false;
        }
        records.readValue(Records.refAt(slot), out);
        return true;
    }

    /// Whether the key has a value.
    public boolean contains(byte[] key, int keyOffset, int keyLength) {
        return find(key, keyOffset, keyLength) != 0;
    }

    /// Sets the value of a key.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the key has its value of before, or still none
    /// @throws IllegalStateException if the key is new and the table is being iterated
    public void put(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        long keyHash = hash.of(key, keyOffset, keyLength);
        long slot = find(keyHash, key, keyOffset, keyLength);
        if (slot == 0) {
            records.insert(keyHash, key, keyOffset, keyLength, value, valueOffset, valueLength);
        } else {
            records.update(slot, key, keyOffset, keyLength, value, valueOffset, valueLength);
        }
    }

    /// Removes a key; false if it is not there.
    ///
    /// @throws IllegalStateException if the table is being iterated and another key is visited
    public boolean remove(byte[] key, int keyOffset, int keyLength) {
        long slot = find(key, keyOffset, keyLength);
        if (slot == 0) {
            return false;
        }
        records.remove(slot);
        return true;
    }

    private long find(byte[] key, int keyOffset, int keyLength) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        return find(hash.of(key, keyOffset, keyLength), key, keyOffset, keyLength);
    }

    private long find(long keyHash, byte[] key, int keyOffset, int keyLength) {
        long known = prefetch.slotOf(keyHash);
        if (known != 0 && records.isAt(known, keyHash, key, keyOffset, keyLength)) {
            return known;
        }
        long slot = records.find(keyHash, 0, key, keyOffset, keyLength);
        prefetch.remember(keyHash, slot);
        return slot;
    }

    /// How many keys there are.
    public long size() {
        return records.index.size();
    }

    /// Calls `visitor` once for each entry, in no particular order. The visited key may be updated
    /// or removed meanwhile; adding a key, or removing another, throws and changes nothing. If the
    /// visitor throws, the iteration ends with that.
    public void forEach(EntryVisitor visitor) {
        ByteSlot key = new ByteSlot();
        ByteSlot value = new ByteSlot();
        records.forEach(
                ref -> {
                    records.readKey(ref, key);
                    records.readValue(ref, value);
                    visitor.visit(key, value);
                });
    }

    /// Writes all entries to the section that `out` has begun, in no particular order.
    ///
    /// The fast way to see everything: it goes through memory in the order of addresses. Meanwhile
    /// it takes up to 4 MiB of the Java heap, a byte for 64 of the table. Nothing is changed; a
    /// table that is being iterated or was closed gives what an iteration gives.
    ///
    /// @throws IOException if the file refuses a write
    public void writeTo(StateFileWriter out) throws IOException {
        new TableScan(records, heap).writeValues(out);
    }

    /// Brings what a `get` or `put` of each of these keys will touch into the processor's cache,
    /// all at once instead of one after the other. Worth it from about four keys on, in tables that
    /// outgrow the cache; changes nothing.
    ///
    /// @param keys `keys[i]` holds key `i` at `offsets[i]`, of `lengths[i]` bytes
    /// @param count how many keys; they may be more than fit a processor's cache, best are 16 to 64
    public void prefetch(byte[][] keys, int[] offsets, int[] lengths, int count) {
        prefetch.touch(keys, offsets, lengths, count);
    }

    /// As [#prefetch(byte\[\]\[\], int\[\], int\[\], int)], with all keys in one array.
    public void prefetch(byte[] keys, int[] offsets, int[] lengths, int count) {
        prefetch.touch(keys, offsets, lengths, count);
    }

    /// Removes all keys and gives all pages back; the table stays usable.
    public void clear() {
        records.index.clear();
        heap.clear();
    }

    /// Pages held now.
    public int pageCount() {
        return heap.pageCount() + records.index.pageCount();
    }

    /// What the table occupies on the Java heap, in bytes, about.
    public long heapBytes() {
        return heap.heapBytes() + records.index.heapBytes() + prefetch.heapBytes();
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    ///
    /// @throws IllegalStateException if the table is being iterated; it stays open
    @Override
    public void close() {
        if (records.index.close()) {
            heap.clear();
            source.end();
        }
    }
}
