package io.aquifer.state;

/// Goes through the slots of the directory of one large map of a [MapTable], in the order of their
/// births. **Threads:** the table's.
final class DirectoryScan {
    private final MapTable table;
    private final StateKey key;
    private final StateKey directory;
    private final StateKey entry;
    private final ValueWindow bytes;
    private final ByteSlot user = new ByteSlot();
    private final ByteSlot found = new ByteSlot();
    private long firstBirth;
    private long birth;

    DirectoryScan(MapTable table) {
        this.table = table;
        this.key = new StateKey(table.routing());
        this.directory = new StateKey(table.routing());
        this.entry = new StateKey(table.routing());
        this.bytes = new ValueWindow(table.records);
    }

    /// Goes before the first slot of the directory of a key; false if there is none.
    boolean open(StateKey owner, long first) {
        key.copyOf(owner);
        directory.setDirectory(key);
        firstBirth = first;
        birth = first - 1;
        return bytes.open(directory);
    }

    boolean next() {
        if (bytes.remaining() == 0) {
            return false;
        }
        birth = firstBirth + bytes.nextNumber(directory);
        bytes.next(directory, user);
        return true;
    }

    long birth() {
        return birth;
    }

    ByteSlot user() {
        return user;
    }

    /// Whether the slot's entry is there, and was not put anew later.
    boolean isLive() {
        return find();
    }

    /// Copies the value of the slot's entry into `out`; false if there is none.
    boolean readValue(ByteSlot out) {
        if (!find()) {
            return false;
        }
        out.set(found.array(), Long.BYTES, found.length() - Long.BYTES);
        return true;
    }

    private boolean find() {
        entry.setEntry(key, user.array(), 0, user.length());
        return table.records.get(entry, found) && ElementBytes.longAt(found.array(), 0) == birth;
    }
}
