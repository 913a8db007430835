package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import java.util.Arrays;

/// Compares records of the same routing by their addresses: by kind, then by the key's bytes as
/// unsigned numbers. **Threads.** One at a time; for records that are not large, any.
final class KeyOrder implements RoutingOrder.Comparison {
    private final RecordTable table;
    private final ByteSlot one = new ByteSlot();
    private final ByteSlot other = new ByteSlot();

    KeyOrder(RecordTable table) {
        this.table = table;
    }

    @Override
    public int compare(long left, long right) {
        int byKind = RecordHeader.kind(getLong(left)) - RecordHeader.kind(getLong(right));
        if (byKind != 0) {
            return byKind;
        }
        table.content.readKey(left, one);
        table.content.readKey(right, other);
        return Arrays.compareUnsigned(
                one.array(), 0, one.length(), other.array(), 0, other.length());
    }
}
