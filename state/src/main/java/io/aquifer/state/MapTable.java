package io.aquifer.state;

import io.aquifer.memory.MemoryExhaustedException;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Rung;
import io.aquifer.state.file.EntrySink;
import io.aquifer.state.file.StateFileWriter;
import io.aquifer.state.run.RunPages;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Objects;

/// A hash table from key bytes to a map of user keys to values, on the pages of one lease, off the
/// Java heap.
///
/// A small map is one record with all its entries, *packed*. One that outgrows [#PACKED_MAX] has a
/// record for each entry, found by one more lookup however large the map, and a *directory* of its
/// user keys in the order in which they were put first. A [MapCursor] walks a map in that order. A
/// key without entries is not in the table.
///
/// ```
/// head, packed   | 0 | user key | value | user key | value | ...      each with its length before it
/// head, large    | 1 | first birth i64 | entries i64 | directory slots i64 |
/// entry          | birth i64 | value |
/// directory      | birth - first birth | user key | ...
/// ```
///
/// Births number the entries of a table; a record with a birth before the first of its map, or in
/// another place of the directory than its birth says, is of an earlier life of that user key.
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
public final class MapTable implements StateTable {
    /// The most bytes that the entries of a packed map take, unless there is only one.
    static final int PACKED_MAX = 768;

    private static final int PACKED = 0;
    private static final int LARGE = 1;
    private static final int FIRST_BIRTH_AT = 1;
    private static final int COUNT_AT = 9;
    private static final int SLOTS_AT = 17;

    final RecordTable records;
    private final KeyRouting routing;
    private final StateKey entryKey;
    private final StateKey directoryKey;
    private final ByteSlot head = new ByteSlot();
    private final ByteSlot scratch = new ByteSlot();
    private final ByteSlot entry = new ByteSlot();
    private final ElementBytes built = new ElementBytes();
    private final byte[] number = new byte[Long.BYTES];

    /// What [#findPacked] found: where the entry begins, its value begins, and it ends.
    private int entryAt;

    private int valueAt;
    private int entryEnd;

    private long births;
    private long modifications;
    private long moves;

    MapTable(PageSource source, KeyRouting routing, @Nullable ColdTier cold) {
        this.records = new RecordTable(source, routing, true, cold);
        this.routing = routing;
        this.entryKey = new StateKey(routing);
        this.directoryKey = new StateKey(routing);
    }

    /// An empty table without pages.
    ///
    /// @param pages where all pages come from; belongs to the table from now on and ends with it
    /// @param routing that of the keys
    public static MapTable open(PageLease pages, KeyRouting routing) {
        return new MapTable(PageSource.of(pages), routing, null);
    }

    /// As [#open(PageLease, KeyRouting)], and what does not fit into memory goes to disk: register
    /// the table as a [Reclaimer] of its scope.
    ///
    /// @param description what its files say of it
    public static MapTable open(
            PageLease pages, KeyRouting routing, TableSpill spill, TableSpill.Table description) {
        ColdTier cold = new ColdTier(spill, description, RunPages.of(pages));
        return new MapTable(PageSource.of(pages), routing, cold);
    }

    /// As [#open(PageLease, KeyRouting, TableSpill, TableSpill.Table)], with what a checkpoint
    /// holds.
    ///
    /// @param routing with the seed of the table that was saved
    /// @throws IOException if a run cannot be read, or is another state's; the table is closed then
    public static MapTable open(
            PageLease pages,
            KeyRouting routing,
            TableSpill spill,
            TableSpill.Table description,
            SavedRuns saved)
            throws IOException {
        MapTable table = open(pages, routing, spill, description);
        table.births = saved.firstNumber();
        table.records.begin(saved);
        return table;
    }

    @Override
    public void forEachEntry(EntrySink out) throws IOException {
        new MapWriter(this, out).write();
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

    /// Copies the value of an entry into `out`; false, with `out` as before, if there is none.
    public boolean get(StateKey key, byte[] user, int userOffset, int userLength, ByteSlot out) {
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        if (!records.get(key, head)) {
            return false;
        }
        if (isPacked()) {
            if (!findPacked(user, userOffset, userLength)) {
                return false;
            }
            out.set(head.array(), valueAt, entryEnd - valueAt);
            return true;
        }
        if (!findEntry(key, user, userOffset, userLength)) {
            return false;
        }
        out.set(entry.array(), Long.BYTES, entry.length() - Long.BYTES);
        return true;
    }

    /// Whether the map of the key has an entry for the user key.
    public boolean contains(StateKey key, byte[] user, int userOffset, int userLength) {
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        return records.get(key, head)
                && (isPacked()
                        ? findPacked(user, userOffset, userLength)
                        : findEntry(key, user, userOffset, userLength));
    }

    private boolean isPacked() {
        return head.array()[0] == PACKED;
    }

    /// Looks for an entry in the packed map in `head`.
    private boolean findPacked(byte[] user, int userOffset, int userLength) {
        byte[] bytes = head.array();
        int end = head.length();
        for (int at = 1; at < end; at = entryEnd) {
            int keyAt = skipNumber(bytes, at);
            int keyLength = numberAt(bytes, at);
            int valueLengthAt = keyAt + keyLength;
            int valueStart = skipNumber(bytes, valueLengthAt);
            entryAt = at;
            valueAt = valueStart;
            entryEnd = valueStart + numberAt(bytes, valueLengthAt);
            if (keyLength == userLength && sameBytes(bytes, keyAt, user, userOffset, userLength)) {
                return true;
            }
        }
        return false;
    }

    private static boolean sameBytes(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        return length == Long.BYTES
                ? KeyRouting.longAt(a, aOffset) == KeyRouting.longAt(b, bOffset)
                : java.util.Arrays.equals(
                        a, aOffset, aOffset + length, b, bOffset, bOffset + length);
    }

    static int numberAt(byte[] bytes, int at) {
        int value = bytes[at];
        if (value >= 0) {
            return value;
        }
        value &= 0x7F;
        for (int i = at + 1, shift = 7; ; i++, shift += 7) {
            byte part = bytes[i];
            value |= (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }

    static int skipNumber(byte[] bytes, int at) {
        int i = at;
        while (bytes[i] < 0) {
            i++;
        }
        return i + 1;
    }

    /// Copies an entry of the large map in `head` to `entry`; false if there is none.
    private boolean findEntry(StateKey key, byte[] user, int userOffset, int userLength) {
        entryKey.setEntry(key, user, userOffset, userLength);
        return records.get(entryKey, entry)
                && ElementBytes.longAt(entry.array(), 0) >= firstBirth();
    }

    private long firstBirth() {
        return ElementBytes.longAt(head.array(), FIRST_BIRTH_AT);
    }

    /// Sets the value of an entry.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the map is as before
    /// @throws IllegalStateException if the key has no map yet and the keys are being iterated
    public void put(
            StateKey key,
            byte[] user,
            int userOffset,
            int userLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        modifications++;
        if (!records.get(key, head)) {
            built.clear();
            built.addByte(PACKED);
            built.add(user, userOffset, userLength);
            built.add(value, valueOffset, valueLength);
            records.put(key, built.array(), 0, built.length());
        } else if (!isPacked()) {
            putLarge(key, user, userOffset, userLength, value, valueOffset, valueLength);
        } else if (findPacked(user, userOffset, userLength)) {
            replacePacked(key, value, valueOffset, valueLength);
        } else {
            built.clear();
            built.add(user, userOffset, userLength);
            built.add(value, valueOffset, valueLength);
            if (head.length() + built.length() <= PACKED_MAX) {
                records.append(key, built.array(), 0, built.length());
            } else {
                unpack(key);
                records.get(key, head);
                putLarge(key, user, userOffset, userLength, value, valueOffset, valueLength);
            }
        }
    }

    /// Sets the value of the packed entry that was found.
    private void replacePacked(StateKey key, byte[] value, int offset, int length) {
        if (length == entryEnd - valueAt) {
            records.overwritePart(records.live(key), valueAt, value, offset, length);
            return;
        }
        byte[] bytes = head.array();
        int keyEnd = skipNumber(bytes, entryAt) + numberAt(bytes, entryAt);
        built.clear();
        built.addRaw(bytes, 0, keyEnd);
        built.add(value, offset, length);
        built.addRaw(bytes, entryEnd, head.length() - entryEnd);
        records.put(key, built.array(), 0, built.length());
        if (built.length() > PACKED_MAX && entryEnd - entryAt < head.length() - 1) {
            tryUnpack(key);
        }
    }

    private void tryUnpack(StateKey key) {
        try {
            records.get(key, head);
            unpack(key);
        } catch (MemoryExhaustedException stayPacked) {
            // It is right as it is, only slower.
        }
    }

    /// Gives each entry of the packed map in `head` a record of its own.
    private void unpack(StateKey key) {
        byte[] packed = head.toByteArray();
        ElementBytes names = new ElementBytes();
        long first = births;
        long count = 0;
        boolean complete = false;
        try {
            for (int at = 1; at < packed.length; count++) {
                int length = numberAt(packed, at);
                int keyAt = skipNumber(packed, at);
                int valueLengthAt = keyAt + length;
                int valueStart = skipNumber(packed, valueLengthAt);
                int valueLength = numberAt(packed, valueLengthAt);
                names.addNumber(count);
                names.add(packed, keyAt, length);
                entryKey.setEntry(key, packed, keyAt, length);
                putEntry(first + count, packed, valueStart, valueLength);
                at = valueStart + valueLength;
            }
            directoryKey.setDirectory(key);
            records.put(directoryKey, names.array(), 0, names.length());
            built.clear();
            built.addByte(LARGE);
            built.addLong(first);
            built.addLong(count);
            built.addLong(count);
            records.put(key, built.array(), 0, built.length());
            complete = true;
        } finally {
            births = first + count;
            moves++;
            if (!complete) {
                removeEntries(key, names.array(), names.length(), first);
            }
        }
    }

    /// Sets the record that [#entryKey] names.
    private void putEntry(long birth, byte[] value, int offset, int length) {
        built.clear();
        built.addLong(birth);
        built.addRaw(value, offset, length);
        records.put(entryKey, built.array(), 0, built.length());
    }

    private void putLarge(
            StateKey key,
            byte[] user,
            int userOffset,
            int userLength,
            byte[] value,
            int valueOffset,
            int valueLength) {
        if (findEntry(key, user, userOffset, userLength)) {
            long birth = ElementBytes.longAt(entry.array(), 0);
            putEntry(birth, value, valueOffset, valueLength);
            return;
        }
        long birth = births++;
        directoryKey.setDirectory(key);
        built.clear();
        built.addNumber(birth - firstBirth());
        built.add(user, userOffset, userLength);
        records.append(directoryKey, built.array(), 0, built.length());
        // Should there be no room for the entry, the directory has a slot of nothing, as after a
        // removal.
        addToHead(key, SLOTS_AT, 1);
        entryKey.setEntry(key, user, userOffset, userLength);
        putEntry(birth, value, valueOffset, valueLength);
        addToHead(key, COUNT_AT, 1);
    }

    private long inHead(int at) {
        return ElementBytes.longAt(head.array(), at);
    }

    /// Changes a number of the large map in `head`, there and in its record.
    private void addToHead(StateKey key, int at, long change) {
        long changed = inHead(at) + change;
        for (int i = 0; i < Long.BYTES; i++) {
            number[i] = (byte) (changed >>> 8 * i);
        }
        System.arraycopy(number, 0, head.array(), at, Long.BYTES);
        records.overwritePart(records.live(key), at, number, 0, Long.BYTES);
    }

    /// Removes an entry; false if it is not there. With the last one goes the key.
    public boolean remove(StateKey key, byte[] user, int userOffset, int userLength) {
        Objects.checkFromIndexSize(userOffset, userLength, user.length);
        if (!records.get(key, head)) {
            return false;
        }
        modifications++;
        if (isPacked()) {
            return removePacked(key, user, userOffset, userLength);
        }
        if (!findEntry(key, user, userOffset, userLength)) {
            return false;
        }
        records.remove(entryKey);
        addToHead(key, COUNT_AT, -1);
        long count = inHead(COUNT_AT);
        if (count == 0) {
            directoryKey.setDirectory(key);
            records.remove(directoryKey);
            records.remove(key);
            moves++;
        } else if (inHead(SLOTS_AT) > 2 * count + 64) {
            compactDirectory(key);
        }
        return true;
    }

    private boolean removePacked(StateKey key, byte[] user, int userOffset, int userLength) {
        if (!findPacked(user, userOffset, userLength)) {
            return false;
        }
        if (entryEnd - entryAt == head.length() - 1) {
            records.remove(key);
            return true;
        }
        built.clear();
        built.addRaw(head.array(), 0, entryAt);
        built.addRaw(head.array(), entryEnd, head.length() - entryEnd);
        records.put(key, built.array(), 0, built.length());
        return true;
    }

    /// Drops the slots of entries that are gone from the directory of the map in `head`.
    private void compactDirectory(StateKey key) {
        ElementBytes kept = new ElementBytes();
        long slots = 0;
        DirectoryScan scan = new DirectoryScan(this);
        for (scan.open(key, firstBirth()); scan.next(); ) {
            if (scan.isLive()) {
                kept.addNumber(scan.birth() - firstBirth());
                kept.add(scan.user().array(), 0, scan.user().length());
                slots++;
            }
        }
        directoryKey.setDirectory(key);
        try {
            records.put(directoryKey, kept.array(), 0, kept.length());
            addToHead(key, SLOTS_AT, slots - inHead(SLOTS_AT));
            moves++;
        } catch (MemoryExhaustedException later) {
            // It is right as it is, only longer.
        }
    }

    /// Removes all entries of a key, in time proportional to their number; false if it has none.
    public boolean clear(StateKey key) {
        if (!records.get(key, head)) {
            return false;
        }
        modifications++;
        if (!isPacked()) {
            directoryKey.setDirectory(key);
            if (records.get(directoryKey, scratch)) {
                removeEntries(key, scratch.array(), scratch.length(), firstBirth());
            }
            directoryKey.setDirectory(key);
            records.remove(directoryKey);
            moves++;
        }
        records.remove(key);
        return true;
    }

    /// Removes the entries that a directory names.
    private void removeEntries(StateKey key, byte[] names, int length, long first) {
        for (int at = 0; at < length; ) {
            int lengthAt = skipNumber(names, at);
            int userAt = skipNumber(names, lengthAt);
            int userLength = numberAt(names, lengthAt);
            entryKey.setEntry(key, names, userAt, userLength);
            records.remove(entryKey);
            at = userAt + userLength;
        }
    }

    /// Whether the key has no entry.
    public boolean isEmpty(StateKey key) {
        return !records.contains(key);
    }

    /// How many entries the map of a key has.
    public long count(StateKey key) {
        if (!records.get(key, head)) {
            return 0;
        }
        if (!isPacked()) {
            return inHead(COUNT_AT);
        }
        long count = 0;
        byte[] bytes = head.array();
        for (int at = 1; at < head.length(); count++) {
            int valueLengthAt = skipNumber(bytes, at) + numberAt(bytes, at);
            at = skipNumber(bytes, valueLengthAt) + numberAt(bytes, valueLengthAt);
        }
        return count;
    }

    /// A cursor to walk maps of this table with, one after the other; keep and reuse it.
    public MapCursor newCursor() {
        return new MapCursor(this);
    }

    KeyRouting routing() {
        return routing;
    }

    /// Changes with every entry that is put or removed.
    long modifications() {
        return modifications;
    }

    /// Changes when a directory came, went, or was made anew.
    long moves() {
        return moves;
    }

    /// Whether the value of a head says that its map is packed.
    static boolean isPacked(ByteSlot headValue) {
        return headValue.array()[0] == PACKED;
    }

    /// The first birth of a large map, by the value of its head.
    static long firstBirth(ByteSlot headValue) {
        return ElementBytes.longAt(headValue.array(), FIRST_BIRTH_AT);
    }

    /// How many keys have entries.
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
        new MapWriter(this, out).write();
    }

    @Override
    public void prefetch(long[] routings, int count) {
        records.prefetch(routings, count);
    }

    @Override
    public void clear() {
        records.clear();
        modifications++;
        moves++;
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
        modifications++;
        moves++;
    }
}
