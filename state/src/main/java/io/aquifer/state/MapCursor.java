package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.ConcurrentModificationException;
import java.util.Objects;

/// Walks the entries of one map of a [MapTable] in the order in which they were put first.
///
/// Entries may be updated and removed meanwhile, through the cursor or directly; each that stays is
/// seen once. Entries added meanwhile may be seen or not. Only when the entry the cursor is at
/// *and* the one after it were both removed is the place lost, and the next step throws. A cursor
/// needs no closing, holds no memory of the table, and may be opened again at any time.
/// **Threads:** the table's.
public final class MapCursor {
    private final MapTable table;
    private final ByteSlot key = new ByteSlot();
    private final ByteSlot currentKey = new ByteSlot();
    private final ByteSlot nextKey = new ByteSlot();
    private boolean started;
    private long current;
    private long currentBirth;
    private long next;
    private long nextBirth;
    private long moves;

    MapCursor(MapTable table) {
        this.table = table;
    }

    /// Goes before the first entry of the map of a key; false if it has none.
    public boolean open(byte[] bytes, int keyOffset, int keyLength) {
        long slot = table.findOwner(bytes, keyOffset, keyLength);
        started = false;
        current = 0;
        next = 0;
        if (slot == 0) {
            return false;
        }
        key.set(bytes, keyOffset, keyLength);
        moves = table.moves();
        lookAhead(getLong(table.owners.fields(Records.refAt(slot))));
        return true;
    }

    /// Whether [#next] will find an entry, if none is removed in between.
    ///
    /// @throws ConcurrentModificationException if the place was lost, see above
    public boolean hasNext() {
        if (next != 0 && moves != table.moves()) {
            findPlace();
        }
        return next != 0;
    }

    /// Goes to the next entry; false at the end.
    ///
    /// @throws ConcurrentModificationException if the place was lost, see above
    public boolean next() {
        if (!hasNext()) {
            current = 0;
            return false;
        }
        started = true;
        current = next;
        currentBirth = nextBirth;
        currentKey.set(nextKey.array(), 0, nextKey.length());
        lookAhead(getLong(table.entries.fields(current)));
        return true;
    }

    /// Copies the user key of the entry into `out`.
    ///
    /// @throws IllegalStateException if the cursor is at no entry
    public void readKey(ByteSlot out) {
        checkAtEntry();
        out.set(currentKey.array(), 0, currentKey.length());
    }

    /// Copies the value of the entry into `out`.
    ///
    /// @throws IllegalStateException if the cursor is at no entry, or its entry was removed
    public void readValue(ByteSlot out) {
        table.entries.readValue(currentEntry(), out);
    }

    /// Sets the value of the entry.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the entry is as before
    /// @throws IllegalStateException if the cursor is at no entry, or its entry was removed
    public void update(byte[] value, int valueOffset, int valueLength) {
        Objects.checkFromIndexSize(valueOffset, valueLength, value.length);
        long slot = currentSlot();
        boolean undisturbed = moves == table.moves();
        current =
                table.update(
                        slot,
                        currentKey.array(),
                        0,
                        currentKey.length(),
                        value,
                        valueOffset,
                        valueLength);
        if (undisturbed) {
            moves = table.moves();
        }
    }

    /// Removes the entry; the cursor is at no entry until [#next].
    ///
    /// @throws IllegalStateException if the cursor is at no entry, or its entry was removed
    public void remove() {
        long slot = currentSlot();
        boolean undisturbed = moves == table.moves();
        table.remove(table.findOwner(key.array(), 0, key.length()), slot);
        current = 0;
        if (undisturbed) {
            moves = table.moves();
        }
    }

    private void lookAhead(long entry) {
        next = entry;
        if (entry != 0) {
            nextBirth = table.birth(entry);
            table.entries.readKey(entry, nextKey);
        }
    }

    private void checkAtEntry() {
        if (current == 0) {
            throw new IllegalStateException(
                    "the cursor is at no entry: call next() first, and after each remove()");
        }
    }

    private long currentEntry() {
        return moves == table.moves() && current != 0 ? current : Records.refAt(currentSlot());
    }

    private long currentSlot() {
        checkAtEntry();
        long slot = findSlot(currentKey, currentBirth);
        if (slot == 0) {
            throw new IllegalStateException(
                    "the entry of the cursor was removed from the map: call next() first");
        }
        return slot;
    }

    private long findSlot(ByteSlot user, long birth) {
        long ownerSlot = table.findOwner(key.array(), 0, key.length());
        if (ownerSlot == 0) {
            return 0;
        }
        long slot = table.findEntryOf(Records.refAt(ownerSlot), user.array(), 0, user.length());
        return slot != 0 && table.birth(Records.refAt(slot)) == birth ? slot : 0;
    }

    /// Works out the next entry again after entries went or moved.
    private void findPlace() {
        long slot = findSlot(nextKey, nextBirth);
        if (slot != 0) {
            next = Records.refAt(slot);
        } else {
            lookAhead(entryAfterCurrent());
        }
        moves = table.moves();
    }

    private long entryAfterCurrent() {
        if (started) {
            long slot = findSlot(currentKey, currentBirth);
            if (slot != 0) {
                return getLong(table.entries.fields(Records.refAt(slot)));
            }
        } else {
            long slot = table.findOwner(key.array(), 0, key.length());
            if (slot != 0) {
                return getLong(table.owners.fields(Records.refAt(slot)));
            }
        }
        throw new ConcurrentModificationException(
                "entries around a cursor were removed from its map, and the place is lost: remove"
                        + " through the cursor, or open it again");
    }
}
