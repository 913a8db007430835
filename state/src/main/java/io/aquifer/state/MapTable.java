package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.memory.PageLease;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;
import java.util.Objects;

/// A hash table from key bytes to a map of user keys to values, on the pages of one lease, off the
/// Java heap.
///
/// Each entry is found by one lookup of its key and one of its user key, however large the map; a
/// map has no size limit but memory. The entries of a key are linked in the order in which they
/// were put first, and a [MapCursor] walks them. A key without entries is not in the table.
///
/// **Invariant**, after every call, thrown or not: the pages held by the lease are exactly
/// [#pageCount], and the entries are those of the calls that returned.
///
/// | Call                          | Waits | When the budget is spent                                          |
/// |-------------------------------|-------|-------------------------------------------------------------------|
/// | [#put], [MapCursor#update]    | no    | throws [io.aquifer.memory.MemoryExhaustedException], as before    |
/// | all others                    | no    | take no memory                                                    |
///
/// **Threads.** One at a time, cursors included.
public final class MapTable implements AutoCloseable {
    private static final byte[] NO_VALUE = {};

    private final PageSource source;
    final BlockHeap heap;

    /// One record per key; fields: first entry, last entry, entry count.
    final Records owners;

    /// One record per entry; fields: next entry, 63 birth 40 | 39 previous entry 0, owner, which is
    /// the key's record.
    final Records entries;

    private final KeyHash hash;
    private final Prefetch prefetch;
    private final ByteSlot userKey = new ByteSlot();
    private long moves;
    private long births;

    MapTable(PageSource source, KeyHash hash) {
        this.source = source;
        this.hash = hash;
        this.heap = new BlockHeap(source);
        this.owners = new Records(source, heap, 24);
        this.entries = new Records(source, heap, 24);
        this.prefetch = new Prefetch(heap, owners.index, hash);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param seed makes the collisions of keys unpredictable; need not be kept
    public static MapTable open(PageLease pages, long seed) {
        return new MapTable(PageSource.of(pages), new KeyHash(seed));
    }

    /// Copies the value of an entry into `out`; false, with `out` as before, if there is none.
    public boolean get(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] user,
            int userOffset,
            int userLength,
            ByteSlot out) {
        long slot = findEntry(key, keyOffset, keyLength, user, userOffset, userLength);
        if (slot == 0) {
            return false;
        }
        entries.readValue(Records.refAt(slot), out);
        return true;
    }

    /// Whether the map of the key has an entry for the user key.
    public boolean contains(
            byte[] key, int keyOffset, int keyLength, byte[] user, int userOffset, int userLength) {
        return findEntry(key, keyOffset, keyLength, user, userOffset, userLength) != 0;
    }

    /// Sets the value of an entry.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the map is as before
    /// @throws IllegalStateException if the key has no map yet and the keys are being iterated
    public void put(
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] user,
            int userOffset,
            int userLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        long keyHash = hash.of(key, keyOffset, keyLength);
        long ownerSlot = owners.find(keyHash, 0, key, keyOffset, keyLength);
        if (ownerSlot == 0) {
            addFirst(
                    addOwner(keyHash, key, keyOffset, keyLength),
                    key,
                    keyOffset,
                    keyLength,
                    user,
                    userOffset,
                    userLength,
                    value,
                    valueOffset,
                    valueLength);
            return;
        }
        long owner = Records.refAt(ownerSlot);
        long userHash = hash.ofOwned(owner, user, userOffset, userLength);
        long slot = entries.find(userHash, owner, user, userOffset, userLength);
        if (slot == 0) {
            add(owner, userHash, user, userOffset, userLength, value, valueOffset, valueLength);
        } else {
            update(slot, user, userOffset, userLength, value, valueOffset, valueLength);
        }
    }

    private long addOwner(long keyHash, byte[] key, int keyOffset, int keyLength) {
        long owner = owners.insert(keyHash, key, keyOffset, keyLength, NO_VALUE, 0, 0);
        long fields = owners.fields(owner);
        putLong(fields, 0);
        putLong(fields + 8, 0);
        putLong(fields + 16, 0);
        return owner;
    }

    private void addFirst(
            long owner,
            byte[] key,
            int keyOffset,
            int keyLength,
            byte[] user,
            int userOffset,
            int userLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        boolean added = false;
        try {
            long userHash = hash.ofOwned(owner, user, userOffset, userLength);
            add(owner, userHash, user, userOffset, userLength, value, valueOffset, valueLength);
            added = true;
        } finally {
            if (!added) {
                owners.remove(findOwner(key, keyOffset, keyLength));
            }
        }
    }

    private void add(
            long owner,
            long userHash,
            byte[] user,
            int userOffset,
            int userLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long entry =
                entries.insert(
                        userHash, user, userOffset, userLength, value, valueOffset, valueLength);
        long ownerFields = owners.fields(owner);
        long last = getLong(ownerFields + 8);
        long fields = entries.fields(entry);
        putLong(fields, 0);
        putLong(fields + 8, births++ << BlockHeap.REF_BITS | last);
        putLong(fields + 16, owner);
        putLong(last == 0 ? ownerFields : entries.fields(last), entry);
        putLong(ownerFields + 8, entry);
        putLong(ownerFields + 16, getLong(ownerFields + 16) + 1);
    }

    /// Sets the value of the entry in a slot; returns its record from now on.
    long update(
            long slot,
            byte[] user,
            int userOffset,
            int userLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        long before = Records.refAt(slot);
        long entry =
                entries.update(slot, user, userOffset, userLength, value, valueOffset, valueLength);
        if (entry != before) {
            long fields = entries.fields(entry);
            linkAround(getLong(fields + 16), previous(fields), getLong(fields), entry, entry);
            moves++;
        }
        return entry;
    }

    /// Lets the neighbours, or the owner where there is none, name `next` and `previous` for what
    /// lies between them.
    private void linkAround(long owner, long before, long after, long next, long previous) {
        putLong(before == 0 ? owners.fields(owner) : entries.fields(before), next);
        long back = (after == 0 ? owners.fields(owner) : entries.fields(after)) + 8;
        putLong(back, getLong(back) & ~BlockHeap.REF_MASK | previous);
    }

    private static long previous(long entryFields) {
        return getLong(entryFields + 8) & BlockHeap.REF_MASK;
    }

    /// Tells an entry from a later one with the same user key, but for one in 2^24.
    long birth(long entry) {
        return getLong(entries.fields(entry) + 8) >>> BlockHeap.REF_BITS;
    }

    /// Removes an entry; false if it is not there. With the last one goes the key.
    ///
    /// @throws IllegalStateException if the key would go while the keys are being iterated and
    ///   another key is visited
    public boolean remove(
            byte[] key, int keyOffset, int keyLength, byte[] user, int userOffset, int userLength) {
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        long ownerSlot = findOwner(key, keyOffset, keyLength);
        if (ownerSlot == 0) {
            return false;
        }
        long slot = findEntryOf(Records.refAt(ownerSlot), user, userOffset, userLength);
        if (slot == 0) {
            return false;
        }
        remove(ownerSlot, slot);
        return true;
    }

    void remove(long ownerSlot, long slot) {
        long owner = Records.refAt(ownerSlot);
        long ownerFields = owners.fields(owner);
        long count = getLong(ownerFields + 16);
        if (count == 1) {
            owners.remove(ownerSlot);
        } else {
            putLong(ownerFields + 16, count - 1);
            long fields = entries.fields(Records.refAt(slot));
            long after = getLong(fields);
            long before = previous(fields);
            linkAround(owner, before, after, after, before);
        }
        entries.remove(slot);
        moves++;
    }

    /// Removes all entries of a key, in time proportional to their number; false if it has none.
    ///
    /// @throws IllegalStateException if the keys are being iterated and another key is visited
    public boolean clear(byte[] key, int keyOffset, int keyLength) {
        long ownerSlot = findOwner(key, keyOffset, keyLength);
        if (ownerSlot == 0) {
            return false;
        }
        long owner = Records.refAt(ownerSlot);
        long entry = getLong(owners.fields(owner));
        owners.remove(ownerSlot);
        moves++;
        while (entry != 0) {
            long next = getLong(entries.fields(entry));
            entries.readKey(entry, userKey);
            entries.remove(
                    entries.slotOf(
                            hash.ofOwned(owner, userKey.array(), 0, userKey.length()), entry));
            entry = next;
        }
        return true;
    }

    /// Whether the key has no entry.
    public boolean isEmpty(byte[] key, int keyOffset, int keyLength) {
        return findOwner(key, keyOffset, keyLength) == 0;
    }

    /// How many entries the map of a key has.
    public long count(byte[] key, int keyOffset, int keyLength) {
        long slot = findOwner(key, keyOffset, keyLength);
        return slot == 0 ? 0 : getLong(owners.fields(Records.refAt(slot)) + 16);
    }

    /// A cursor to walk maps of this table with, one after the other; keep and reuse it.
    public MapCursor newCursor() {
        return new MapCursor(this);
    }

    /// The address of the slot of a key, or 0.
    long findOwner(byte[] key, int keyOffset, int keyLength) {
        Objects.checkFromIndexSize(keyOffset, keyLength, key.length);
        return owners.find(hash.of(key, keyOffset, keyLength), 0, key, keyOffset, keyLength);
    }

    /// The address of the slot of an entry of an owner, or 0.
    long findEntryOf(long owner, byte[] user, int userOffset, int userLength) {
        return entries.find(
                hash.ofOwned(owner, user, userOffset, userLength),
                owner,
                user,
                userOffset,
                userLength);
    }

    private long findEntry(
            byte[] key, int keyOffset, int keyLength, byte[] user, int userOffset, int userLength) {
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        long ownerSlot = findOwner(key, keyOffset, keyLength);
        return ownerSlot == 0
                ? 0
                : findEntryOf(Records.refAt(ownerSlot), user, userOffset, userLength);
    }

    /// The first entry of a key, by the address of the key's fields.
    static long firstEntryAt(long ownerFields) {
        return getLong(ownerFields);
    }

    /// The entry after another of the same key, or 0, by the address of the other's fields.
    static long nextEntryAt(long entryFields) {
        return getLong(entryFields);
    }

    /// Changes whenever a record of an entry was freed.
    long moves() {
        return moves;
    }

    /// How many keys have entries.
    public long size() {
        return owners.index.size();
    }

    /// How many entries all keys have together.
    public long entryCount() {
        return entries.index.size();
    }

    /// Calls `visitor` once for each key, in no particular order; see [KeyVisitor] for what it may
    /// do.
    public void forEachKey(KeyVisitor visitor) {
        ByteSlot key = new ByteSlot();
        owners.forEach(
                ref -> {
                    owners.readKey(ref, key);
                    visitor.visit(key);
                });
    }

    /// Writes all entries to the section that `out` has begun, in no particular order of the keys,
    /// in the order in which they were put first within each.
    ///
    /// The fast way to see everything: it goes through memory in the order of addresses. Meanwhile
    /// it takes up to 4 MiB of the Java heap, a byte for 64 of the table. Nothing is changed; a
    /// table that is being iterated or was closed gives what an iteration gives.
    ///
    /// @throws IOException if the file refuses a write
    public void writeTo(StateFileWriter out) throws IOException {
        new TableScan(owners, heap).writeMapEntries(entries, out);
    }

    /// As [ValueTable#prefetch(byte\[\]\[\], int\[\], int\[\], int)]; the entries are not touched.
    public void prefetch(byte[][] keys, int[] offsets, int[] lengths, int count) {
        prefetch.touch(keys, offsets, lengths, count);
    }

    /// As [ValueTable#prefetch(byte\[\], int\[\], int\[\], int)]; the entries are not touched.
    public void prefetch(byte[] keys, int[] offsets, int[] lengths, int count) {
        prefetch.touch(keys, offsets, lengths, count);
    }

    /// Removes all maps and gives all pages back; the table stays usable.
    public void clear() {
        owners.index.clear();
        entries.index.clear();
        moves++;
        heap.clear();
    }

    /// Pages held now.
    public int pageCount() {
        return heap.pageCount() + owners.index.pageCount() + entries.index.pageCount();
    }

    /// What the table occupies on the Java heap, in bytes, about.
    public long heapBytes() {
        return heap.heapBytes()
                + owners.index.heapBytes()
                + entries.index.heapBytes()
                + prefetch.heapBytes();
    }

    /// Gives all pages back and ends the lease. Closing again does nothing.
    ///
    /// @throws IllegalStateException if the keys are being iterated; the table stays open
    @Override
    public void close() {
        if (owners.index.close()) {
            entries.index.close();
            moves++;
            heap.clear();
            source.end();
        }
    }
}
