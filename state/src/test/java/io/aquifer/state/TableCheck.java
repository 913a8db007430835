package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Asserts the invariants that [RecordTable], [Directory], [IndexPage] and [Partition] state, slot
/// by slot.
final class TableCheck {
    private static final long DISPLACED = 1L << 40;

    private final RecordTable table;
    private final Map<Long, Integer> recordEnds = new HashMap<>();
    private long values;
    private int indexPages;

    private TableCheck(RecordTable table) {
        this.table = table;
    }

    static void verify(RecordTable table) {
        new TableCheck(table).verify();
    }

    private void verify() {
        Directory directory = table.directory;
        int recordPages = 0;
        if (!directory.isEmpty()) {
            for (int position = 0; position < directory.length(); ) {
                int after = directory.positionAfter(position);
                recordPages += verifyRange(position, after);
                position = after;
            }
        }
        assertThat(values).as("live values in pages").isEqualTo(table.size());
        assertThat(recordPages).as("record pages").isEqualTo(table.pages.count());
        assertThat(indexPages + recordPages + table.keptCount())
                .as("pages")
                .isEqualTo(table.pageCount());
    }

    private int verifyRange(int position, int after) {
        Directory directory = table.directory;
        long entry = directory.entryAt(position);
        Partition partition = directory.partitionAt(position);
        for (int i = position; i < after; i++) {
            assertThat(directory.entryAt(i)).as("directory entry %d", i).isEqualTo(entry);
            assertThat(directory.partitionAt(i)).as("partition %d", i).isSameAs(partition);
        }
        long page = Directory.firstOf(entry);
        assertThat(IndexPage.next(page) != 0)
                .as("chain flag of entry %d", position)
                .isEqualTo(entry < 0);
        int depth = IndexPage.depth(page);
        Map<Integer, Integer> used = new HashMap<>();
        for (int i = 0; i < partition.pageCount(); i++) {
            used.put(partition.page(i), 0);
        }
        int largePages = 0;
        for (; page != 0; page = IndexPage.next(page)) {
            indexPages++;
            largePages += verifyPage(page, depth, directory.routingAt(position), used);
        }
        assertThat(largePages).as("large pages").isEqualTo(partition.largePages());
        int live = used.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(live + partition.deadBytes())
                .as("live and dead bytes of a partition")
                .isLessThanOrEqualTo(partition.usedBytes());
        return partition.pageCount() + largePages;
    }

    private int verifyPage(long page, int depth, long prefix, Map<Integer, Integer> used) {
        int count = 0;
        int largePages = 0;
        boolean[] full = new boolean[IndexPage.HEADER / 64];
        for (int bucket = 0; bucket < full.length; bucket++) {
            boolean empty = false;
            for (int i = 0; i < 8; i++) {
                long slot = getLong(page + bucket * 64L + i * 8L);
                if (slot == 0) {
                    empty = true;
                    continue;
                }
                check(!empty, "empty slot before a taken one", bucket);
                count++;
                check(
                        depth == 0 || (slot ^ prefix) >>> (64 - depth) == 0,
                        "key in the wrong page",
                        bucket);
                long ref = IndexPage.ref(slot);
                long record = table.pages.address(ref);
                long header = getLong(record);
                largePages += verifyRecord(ref, record, used, bucket);
                int home = IndexPage.homeOffset((slot & IndexPage.TAG_MASK) | header >>> 32) / 64;
                check(
                        (slot & DISPLACED) != 0 == (home != bucket) && home <= bucket,
                        "displaced flag",
                        bucket);
                for (int before = home; before < bucket; before++) {
                    check(full[before], "bucket before a displaced key is full", bucket);
                }
            }
            full[bucket] = !empty;
        }
        assertThat(IndexPage.count(page)).as("count of a page").isEqualTo(count);
        return largePages;
    }

    private int verifyRecord(long ref, long record, Map<Integer, Integer> used, int bucket) {
        long header = getLong(record);
        boolean live = !RecordHeader.isTombstone(header);
        values += live && RecordHeader.kind(header) == RecordHeader.VALUE ? 1 : 0;
        int number = RecordPages.number(ref);
        check(used.containsKey(number), "record on a page of another partition", bucket);
        int bytes = table.content.roomOf(record);
        used.merge(number, bytes, Integer::sum);
        check(
                recordEnds.putIfAbsent(ref, bytes) == null
                        && RecordPages.offset(ref) + bytes <= RecordPages.PAGE_BYTES,
                "two slots name one record, or it crosses its page",
                bucket);
        return RecordHeader.isLarge(header) ? LargeRecords.pageCount(record) : 0;
    }

    /// Adds the addresses of all records.
    static void addresses(RecordTable table, Set<Long> to) {
        Directory directory = table.directory;
        for (int at = 0; at < directory.length(); at = directory.positionAfter(at)) {
            long page = Directory.firstOf(directory.entryAt(at));
            for (; page != 0; page = IndexPage.next(page)) {
                for (long slot = page; slot < page + IndexPage.HEADER; slot += 8) {
                    if (getLong(slot) != 0) {
                        to.add(table.addressAt(slot));
                    }
                }
            }
        }
    }

    private static void check(boolean holds, String what, int bucket) {
        if (!holds) {
            throw new AssertionError(what + ", bucket " + bucket);
        }
    }
}
