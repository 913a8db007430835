package io.aquifer.state;

import java.util.ConcurrentModificationException;

/// Reads the elements of one list of a [ListTable] in order, from the first.
///
/// A cursor sees the elements that were there when it was opened; appends do not disturb it, nor do
/// changes of other lists. It needs no closing, holds no memory of the table, and may be opened
/// again at any time. **Threads:** the table's.
public final class ListCursor {
    private final ListTable table;
    private final SegmentCursor cursor;
    private final ByteSlot key = new ByteSlot();
    private long remaining;
    private long id;
    private long reclaims;

    ListCursor(ListTable table) {
        this.table = table;
        this.cursor = new SegmentCursor(table.heap);
    }

    /// Goes before the first element of the list of a key; false if it has none.
    public boolean open(byte[] bytes, int keyOffset, int keyLength) {
        long slot = table.find(bytes, keyOffset, keyLength);
        if (slot == 0) {
            remaining = 0;
            return false;
        }
        long fields = table.records.fields(Records.refAt(slot));
        key.set(bytes, keyOffset, keyLength);
        remaining = ElementChain.countAt(fields);
        id = ElementChain.idAt(fields);
        reclaims = table.reclaims();
        cursor.open(ElementChain.firstAt(fields));
        return true;
    }

    /// How many elements are left.
    public long remaining() {
        return remaining;
    }

    /// Copies the next element into `out`; false, with `out` as before, at the end.
    ///
    /// @throws ConcurrentModificationException if the list was cleared or replaced since [#open]
    public boolean next(ByteSlot out) {
        if (remaining == 0) {
            return false;
        }
        if (reclaims != table.reclaims()) {
            checkStillThere();
        }
        ElementChain.read(cursor, out);
        remaining--;
        return true;
    }

    private void checkStillThere() {
        long slot = table.find(key.array(), 0, key.length());
        if (slot == 0 || ElementChain.idAt(table.records.fields(Records.refAt(slot))) != id) {
            throw new ConcurrentModificationException(
                    "the list was cleared or replaced while a cursor had "
                            + remaining
                            + " of its elements to read: open the cursor again");
        }
        reclaims = table.reclaims();
    }
}
