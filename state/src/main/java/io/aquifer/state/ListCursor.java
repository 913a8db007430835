package io.aquifer.state;

import java.util.ConcurrentModificationException;

/// Reads the elements of one list of a [ListTable] in order, from the first.
///
/// A cursor sees the elements that were there when it was opened; appends do not disturb it, nor do
/// changes of other lists. It copies 16 KiB of the list at a time, needs no closing, holds no
/// memory of the table, and may be opened again at any time. **Threads:** the table's.
public final class ListCursor {
    private final ListTable table;
    private final StateKey key;
    private final ValueWindow bytes;
    private int id;
    private long reclaims;

    ListCursor(ListTable table) {
        this.table = table;
        this.key = new StateKey(KeyRouting.ungrouped(0));
        this.bytes = new ValueWindow(table.records);
    }

    /// Goes before the first element of the list of a key; false if it has none.
    public boolean open(StateKey wanted) {
        if (!bytes.open(wanted)) {
            return false;
        }
        key.copyOf(wanted);
        id = bytes.nextInt();
        reclaims = table.reclaims();
        return true;
    }

    /// Whether elements are left.
    public boolean hasNext() {
        return bytes.remaining() > 0;
    }

    /// Copies the next element into `out`; false, with `out` as before, at the end.
    ///
    /// @throws ConcurrentModificationException if the list was cleared or replaced since [#open]
    public boolean next(ByteSlot out) {
        if (bytes.remaining() == 0) {
            return false;
        }
        if (reclaims != table.reclaims()) {
            checkStillThere();
        }
        bytes.next(key, out);
        return true;
    }

    private void checkStillThere() {
        if (!bytes.isSame(key, id)) {
            throw new ConcurrentModificationException(
                    "the list was cleared or replaced while a cursor had "
                            + bytes.remaining()
                            + " bytes of it to read: open the cursor again");
        }
        reclaims = table.reclaims();
    }
}
