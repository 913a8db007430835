package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

/// The records of one [Partition] in the order of runs: by routing as an unsigned number, then
/// kind, then the key's bytes as unsigned numbers.
///
/// What it holds are slots, so it stays right while records move or change, and none goes.
final class PartitionOrder {
    private final RecordTable table;
    private final RoutingOrder slots;

    PartitionOrder(RecordTable table) {
        this.table = table;
        KeyOrder records = new KeyOrder(table);
        this.slots =
                new RoutingOrder(
                        (left, right) ->
                                records.compare(table.addressAt(left), table.addressAt(right)));
    }

    /// Chooses records by their headers.
    interface Choice {
        boolean takes(long slot, long header);
    }

    /// Takes up the records of the range of a routing that `choice` takes, in order.
    void load(long rangeRouting, Choice choice) {
        slots.clear();
        long page = table.directory.firstPage(rangeRouting);
        for (; page != 0; page = IndexPage.next(page)) {
            slots.reserve(slots.count() + IndexPage.count(page));
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                long slot = getLong(at);
                if (slot != 0) {
                    long record = table.pages.address(IndexPage.ref(slot));
                    if (choice.takes(slot, getLong(record))) {
                        slots.add(table.routingOf(slot, record), at);
                    }
                }
            }
        }
        slots.sort(IndexPage.depth(table.directory.firstPage(rangeRouting)));
    }

    int count() {
        return slots.count();
    }

    long slot(int position) {
        return slots.value(position);
    }

    long routing(int position) {
        return slots.routing(position);
    }
}
