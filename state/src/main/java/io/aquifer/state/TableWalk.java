package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.state.run.RunScan;

import java.io.IOException;
import java.util.Arrays;

/// Visits the live records of a table, range by range: where some of a range are on disk, those of
/// memory and disk in their order, memory's before disk's.
final class TableWalk {
    private final RecordTable table;
    private final int kind;
    private final boolean values;
    private final RecordTable.Visitor visitor;
    private final PartitionOrder order;
    private final ByteSlot key = new ByteSlot();
    private final ByteSlot value = new ByteSlot(0);

    TableWalk(RecordTable table, int kind, boolean values, RecordTable.Visitor visitor) {
        this.table = table;
        this.kind = kind;
        this.values = values;
        this.visitor = visitor;
        this.order = new PartitionOrder(table);
    }

    /// Visits the range at a position of the directory, all of which is in memory.
    void range(int position) {
        long page = Directory.firstOf(table.directory.entryAt(position));
        for (; page != 0; page = IndexPage.next(page)) {
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                if (getLong(at) != 0) {
                    visit(at);
                }
            }
        }
    }

    private void visit(long slot) {
        long record = table.addressAt(slot);
        long header = getLong(record);
        if (RecordHeader.kind(header) == kind && !RecordHeader.isTombstone(header)) {
            table.content.readKey(record, key);
            if (values) {
                table.content.readValue(record, value);
            }
            visitor.visit(table.group(getLong(slot)), key, value);
        }
    }

    /// Visits a range of which some may be on disk only.
    void rangeWithDisk(int position, ColdTier cold) {
        Directory directory = table.directory;
        long first = directory.routingAt(position);
        int after = directory.positionAfter(position);
        long last = after == directory.length() ? -1 : directory.routingAt(after) - 1;
        order.load(first, (slot, header) -> RecordHeader.kind(header) == kind);
        int inMemory = 0;
        try (RunScan disk = cold.scan(first, last)) {
            while (disk.next()) {
                if (disk.kind() != kind) {
                    continue;
                }
                int compared = -1;
                while (inMemory < order.count() && (compared = compare(inMemory, disk)) < 0) {
                    visit(order.slot(inMemory++));
                }
                if (inMemory < order.count() && compared == 0) {
                    visit(order.slot(inMemory++));
                } else {
                    visitOnDisk(disk);
                }
            }
        } catch (IOException refusal) {
            throw cold.notRead(refusal);
        }
        while (inMemory < order.count()) {
            visit(order.slot(inMemory++));
        }
    }

    /// Shows an entry, unless a visitor has changed or removed it meanwhile.
    private void visitOnDisk(RunScan disk) throws IOException {
        if (table.isInMemory(disk)) {
            return;
        }
        key.set(disk.keyArray(), disk.keyOffset(), disk.keyLength());
        if (values) {
            disk.readValue(value);
        }
        visitor.visit(table.group(disk.routing()), key, value);
    }

    private int compare(int inMemory, RunScan disk) {
        int byRouting = Long.compareUnsigned(order.routing(inMemory), disk.routing());
        if (byRouting != 0) {
            return byRouting;
        }
        table.content.readKey(table.addressAt(order.slot(inMemory)), key);
        return Arrays.compareUnsigned(
                key.array(),
                0,
                key.length(),
                disk.keyArray(),
                disk.keyOffset(),
                disk.keyOffset() + disk.keyLength());
    }
}
