package io.aquifer.state;

/// Reads one value of a [RecordTable] forward, as it was when it was opened, in copies of a part at
/// a time. Bytes that were there then must not change; bytes may be added.
final class ValueWindow {
    private static final int PART = 16 * 1024;

    private final RecordTable table;
    private final ByteSlot buffer = new ByteSlot();

    /// Where in the value `buffer` begins.
    private int base;

    /// In `buffer`.
    private int position;

    /// Of the value, when it was opened.
    private int length;

    ValueWindow(RecordTable table) {
        this.table = table;
    }

    /// Goes to the beginning of the value of a key; false if there is none.
    boolean open(StateKey key) {
        length = 0;
        base = 0;
        position = 0;
        buffer.resize(0);
        if (table.isReadThrough(key)) {
            boolean found = table.get(key, buffer);
            length = found ? buffer.length() : 0;
            return found;
        }
        long slot = table.live(key);
        if (slot == 0) {
            return false;
        }
        long record = table.addressAt(slot);
        length = RecordContent.valueLength(record);
        int part = Math.min(length, PART);
        table.content.readValue(record, 0, buffer.resize(part), 0, part);
        return true;
    }

    int remaining() {
        return length - base - position;
    }

    /// Where in the value it stands.
    int at() {
        return base + position;
    }

    /// Only directly after [#open].
    int nextInt() {
        position += Integer.BYTES;
        return ElementBytes.intAt(buffer.array(), position - Integer.BYTES);
    }

    /// Whether the value of a key still begins with an id.
    boolean isSame(StateKey key, int id) {
        ByteSlot now = new ByteSlot();
        return table.get(key, now) && ElementBytes.intAt(now.array(), 0) == id;
    }

    /// An unsigned number, seven bits to a byte.
    long nextNumber(StateKey key) {
        need(key, Math.min(10, remaining()));
        long number = 0;
        byte[] bytes = buffer.array();
        for (int shift = 0; ; shift += 7) {
            byte part = bytes[position++];
            number |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return number;
            }
        }
    }

    /// Copies the next element into `out`.
    void next(StateKey key, ByteSlot out) {
        int count = (int) nextNumber(key);
        need(key, count);
        out.set(buffer.array(), position, count);
        position += count;
    }

    void skipElement(StateKey key) {
        int count = (int) nextNumber(key);
        need(key, count);
        position += count;
    }

    /// Goes on so that `count` bytes from the position on are in the buffer.
    private void need(StateKey key, int count) {
        int have = buffer.length() - position;
        if (have >= count) {
            return;
        }
        long slot = table.live(key);
        if (slot == 0) {
            throw new IllegalStateException("a value that is being read has gone");
        }
        int from = at();
        int part = Math.min(length - from, Math.max(count, PART));
        base = from;
        position = 0;
        table.content.readValue(table.addressAt(slot), from, buffer.resize(part), 0, part);
    }
}
