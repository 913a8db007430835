package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;
import static io.aquifer.memory.kernel.PageAccess.putLong;

import io.aquifer.state.run.Run;
import io.aquifer.state.run.RunWriter;

import java.io.IOException;

/// Brings a table to disk as it is, at once, where there is no memory for doing it beside the
/// table's work: what has changed since the last time becomes a run above those that are there, or
/// all of it the only run.
///
/// What was written is marked as being on disk, so that an eviction only has to drop it.
/// **Threads.** The table's.
final class DirectSnapshot {
    private final RecordTable table;
    private final ColdTier cold;
    private final PartitionOrder order;
    private final ByteSlot key = new ByteSlot();
    private final byte[] part = new byte[16 * 1024];

    DirectSnapshot(RecordTable table, ColdTier cold) {
        this.table = table;
        this.cold = cold;
        this.order = new PartitionOrder(table);
    }

    /// @throws IOException if the disk refuses; the table and its runs are as before
    TableRuns take(boolean whole) throws IOException {
        long entries = count(whole);
        if (entries > 0) {
            write(whole, entries);
        } else if (whole) {
            cold.replaceAll(null);
        }
        if (!table.isAllInMemory()) {
            cold.tidy(table);
        }
        return new TableRuns(cold.runs());
    }

    private static boolean isWritten(boolean whole, long header) {
        return RecordHeader.kind(header) != RecordHeader.SHADOW
                && (whole ? !RecordHeader.isTombstone(header) : RecordHeader.dirty(header) != 0);
    }

    private long count(boolean whole) {
        long count = 0;
        Directory directory = table.directory;
        if (directory.isEmpty()) {
            return 0;
        }
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            long page = Directory.firstOf(directory.entryAt(at));
            for (; page != 0; page = IndexPage.next(page)) {
                for (long slot = page; slot < page + IndexPage.HEADER; slot += 8) {
                    if (getLong(slot) != 0 && isWritten(whole, getLong(table.addressAt(slot)))) {
                        count++;
                    }
                }
            }
        }
        return count;
    }

    private void write(boolean whole, long entries) throws IOException {
        table.keepPages();
        KeptPages kept = table.handOver(Math.max(1, table.keptCount() - 1), true);
        try {
            Run run =
                    cold.write(
                            entries,
                            !whole,
                            !table.isAllInMemory(),
                            kept,
                            out -> writeRanges(whole, out));
            if (whole) {
                cold.replaceAll(run);
            } else {
                cold.addNewest(run);
            }
        } finally {
            table.takeBack(kept);
        }
        settle();
    }

    private void writeRanges(boolean whole, RunWriter out) throws IOException {
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            order.load(directory.routingAt(at), (slot, header) -> isWritten(whole, header));
            for (int i = 0; i < order.count(); i++) {
                long record = table.addressAt(order.slot(i));
                Eviction.write(table, order.routing(i), record, key, part, out);
            }
        }
    }

    /// Marks everything as being on disk. Removed keys need no longer be remembered: the run says
    /// so, or there is nothing older.
    private void settle() {
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); ) {
            long routing = directory.routingAt(at);
            boolean removed = settle(routing);
            if (removed) {
                table.shrinkEvicted(routing);
            }
            at = directory.positionAfter(directory.positionOf(routing));
        }
    }

    private boolean settle(long routing) {
        boolean removed = false;
        long page = table.directory.firstPage(routing);
        for (; page != 0; page = IndexPage.next(page)) {
            for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
                if (getLong(at) != 0) {
                    removed |= settleRecord(at, routing);
                }
            }
        }
        return removed;
    }

    private boolean settleRecord(long slot, long routing) {
        long record = table.addressAt(slot);
        long header = getLong(record);
        if (RecordHeader.kind(header) == RecordHeader.SHADOW) {
            return false;
        }
        if (RecordHeader.isTombstone(header) && !table.isIterated()) {
            table.takeOut(slot, routing);
            return true;
        }
        if (RecordHeader.dirty(header) != 0) {
            putLong(record, RecordHeader.withDirty(header, 0));
        }
        return false;
    }
}
