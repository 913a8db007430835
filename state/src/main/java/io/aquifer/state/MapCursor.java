package io.aquifer.state;

/// Walks the entries of one map of a [MapTable] in the order in which they were put first.
///
/// Entries may be put, updated and removed meanwhile, through the cursor or directly: each that
/// stays is seen once, one that was removed before its turn is not seen, one that was added may be
/// or not. A cursor needs no closing, holds no memory of the table, and may be opened again at any
/// time. **Threads:** the table's.
public final class MapCursor {
    private final MapTable table;
    private final StateKey key;
    private final DirectoryScan directory;
    private final ByteSlot head = new ByteSlot();
    private final ByteSlot currentKey = new ByteSlot();
    private final ByteSlot nextKey = new ByteSlot();

    /// Whether `head` holds all entries.
    private boolean packed;

    private int packedAt;
    private boolean ahead;
    private boolean atEntry;
    private long lastBirth;
    private long modifications;
    private long moves;

    MapCursor(MapTable table) {
        this.table = table;
        this.key = new StateKey(table.routing());
        this.directory = new DirectoryScan(table);
    }

    /// Goes before the first entry of the map of a key; false if it has none.
    public boolean open(StateKey wanted) {
        key.copyOf(wanted);
        ahead = false;
        atEntry = false;
        packedAt = 1;
        packed = true;
        modifications = table.modifications();
        if (!table.records.get(key, head)) {
            head.resize(0);
            return false;
        }
        packed = MapTable.isPacked(head);
        if (!packed) {
            lastBirth = MapTable.firstBirth(head) - 1;
            openDirectory();
        }
        return true;
    }

    private void openDirectory() {
        moves = table.moves();
        directory.open(key, MapTable.firstBirth(head));
    }

    /// Whether [#next] will find an entry, if none is removed in between.
    public boolean hasNext() {
        if (ahead && modifications != table.modifications() && !isThere()) {
            ahead = false;
        }
        while (!ahead && advance()) {
            ahead = packed && modifications == table.modifications() || isThere();
        }
        return ahead;
    }

    private boolean isThere() {
        return packed
                ? table.contains(key, nextKey.array(), 0, nextKey.length())
                : directory.isLive();
    }

    /// Goes to the next entry that was there once; its name is in `nextKey`.
    private boolean advance() {
        if (packed) {
            return advancePacked();
        }
        if (moves != table.moves()) {
            if (!table.records.get(key, head) || MapTable.isPacked(head)) {
                return false;
            }
            openDirectory();
        }
        do {
            if (!directory.next()) {
                return false;
            }
        } while (directory.birth() <= lastBirth);
        lastBirth = directory.birth();
        nextKey.set(directory.user().array(), 0, directory.user().length());
        return true;
    }

    private boolean advancePacked() {
        if (packedAt >= head.length()) {
            return false;
        }
        byte[] bytes = head.array();
        int userAt = MapTable.skipNumber(bytes, packedAt);
        int userLength = MapTable.numberAt(bytes, packedAt);
        nextKey.set(bytes, userAt, userLength);
        int valueLengthAt = userAt + userLength;
        packedAt =
                MapTable.skipNumber(bytes, valueLengthAt) + MapTable.numberAt(bytes, valueLengthAt);
        return true;
    }

    /// Goes to the next entry; false at the end.
    public boolean next() {
        atEntry = hasNext();
        if (atEntry) {
            currentKey.set(nextKey.array(), 0, nextKey.length());
            ahead = false;
        }
        return atEntry;
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
        checkAtEntry();
        if (!table.get(key, currentKey.array(), 0, currentKey.length(), out)) {
            throw gone();
        }
    }

    /// Sets the value of the entry.
    ///
    /// @throws io.aquifer.memory.MemoryExhaustedException if that needs a page and there is none;
    ///   the entry is as before
    /// @throws IllegalStateException if the cursor is at no entry, or its entry was removed
    public void update(byte[] value, int valueOffset, int valueLength) {
        checkAtEntry();
        if (!table.contains(key, currentKey.array(), 0, currentKey.length())) {
            throw gone();
        }
        table.put(key, currentKey.array(), 0, currentKey.length(), value, valueOffset, valueLength);
    }

    /// Removes the entry; the cursor is at no entry until [#next].
    ///
    /// @throws IllegalStateException if the cursor is at no entry, or its entry was removed
    public void remove() {
        checkAtEntry();
        if (!table.remove(key, currentKey.array(), 0, currentKey.length())) {
            throw gone();
        }
        atEntry = false;
    }

    private void checkAtEntry() {
        if (!atEntry) {
            throw new IllegalStateException(
                    "the cursor is at no entry: call next() first, and after each remove()");
        }
    }

    private static IllegalStateException gone() {
        return new IllegalStateException(
                "the entry of the cursor was removed from the map: call next() first");
    }
}
