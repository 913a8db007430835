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
    private final byte[] number = new byte[Long.BYTES];
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
        return slot() != 0;
    }

    /// Copies the value of the slot's entry into `out`; false if there is none.
    boolean readValue(ByteSlot out) {
        long slot = slot();
        if (slot == 0) {
            return false;
        }
        long record = table.records.addressAt(slot);
        int length = RecordTable.valueLength(record) - Long.BYTES;
        table.records.readValue(record, Long.BYTES, out.resize(length), 0, length);
        return true;
    }

    private long slot() {
        entry.setEntry(key, user.array(), 0, user.length());
        long slot = table.records.live(entry);
        if (slot == 0) {
            return 0;
        }
        table.records.readValue(table.records.addressAt(slot), 0, number, 0, Long.BYTES);
        return ElementBytes.longAt(number, 0) == birth ? slot : 0;
    }
}
