package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import org.jspecify.annotations.Nullable;

/// The passes over a table's records: while there is one, slots stay where they are, and what is
/// removed leaves a tombstone. **Threads.** The table's.
final class TableIteration {
    private final RecordTable table;
    private final @Nullable ColdTier cold;
    private int underWay;

    /// Whether one has left tombstones.
    private boolean entombed;

    TableIteration(RecordTable table, @Nullable ColdTier cold) {
        this.table = table;
        this.cold = cold;
    }

    boolean isUnderWay() {
        return underWay != 0;
    }

    void leftTombstone() {
        entombed = true;
    }

    /// As [RecordTable#forEach].
    void forEach(int kind, boolean values, RecordTable.Visitor visitor) {
        Directory directory = table.directory;
        if (directory.isEmpty()) {
            return;
        }
        underWay++;
        try {
            TableWalk walk = new TableWalk(table, kind, values, visitor);
            for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
                Partition partition = directory.partitionAt(at);
                partition.pin(1);
                try {
                    if (partition.isCold() && cold != null) {
                        walk.rangeWithDisk(at, cold);
                    } else {
                        walk.range(at);
                    }
                } finally {
                    partition.pin(-1);
                }
            }
        } finally {
            end();
        }
    }

    /// Tombstones go, unless the disk may have an older value of their keys, or will have.
    private void end() {
        boolean onDisk = cold != null && !cold.isEmpty() || table.snapshots.isUnderWay();
        if (--underWay != 0 || !entombed || onDisk) {
            return;
        }
        entombed = false;
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            long page = Directory.firstOf(directory.entryAt(at));
            for (; page != 0; page = IndexPage.next(page)) {
                dropTombstones(page, directory.routingAt(at));
            }
        }
        for (int at = 0; at < directory.length(); ) {
            long routing = directory.routingAt(at);
            table.shrinkEvicted(routing);
            at = directory.positionAfter(directory.positionOf(routing));
        }
    }

    /// From the back, since a removal pulls only slots from behind into the gap.
    private void dropTombstones(long page, long routing) {
        for (long at = page + IndexPage.HEADER - 8; at >= page; at -= 8) {
            if (getLong(at) != 0 && RecordHeader.isTombstone(getLong(table.addressAt(at)))) {
                table.takeOut(at, routing);
            }
        }
    }
}
