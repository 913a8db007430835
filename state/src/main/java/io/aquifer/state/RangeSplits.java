package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.memory.kernel.PageAccess;

/// Divides ranges of routings of a table that are full, and puts half-empty ones together again,
/// with the records that they own.
final class RangeSplits {
    /// More pages of large records than this, and a range splits.
    static final int LARGE_PAGES_MAX = 64;

    private static final int MERGED_COUNT_MAX = IndexPage.COUNT_MAX / 2;
    private static final int MERGED_PAGES_MAX = RecordTable.PARTITION_PAGES_MAX / 2;

    private final RecordTable table;
    private final Directory directory;
    private final RecordPages pages;
    private final Spares spares;

    RangeSplits(RecordTable table, Spares spares) {
        this.table = table;
        this.directory = table.directory;
        this.pages = table.pages;
        this.spares = spares;
    }

    /// Divides the range of a routing in two; or takes memory for it and does nothing else.
    void split(long routing) {
        long page = directory.entry(routing);
        Partition lower = directory.partition(routing);
        int newDepth = IndexPage.depth(page) + 1;
        long bit = 1L << (64 - newDepth);
        if (!spares.has(1 + pagesToMove(page, bit))) {
            return;
        }
        table.changed();
        long added = spares.take();
        IndexPage.format(added, newDepth);
        Partition upper = new Partition();
        upper.setCold(lower.isCold());
        upper.setEntombed(lower.isEntombed());
        moveRecords(page, bit, lower, upper);
        IndexPage.split(page, added, bit, pages);
        IndexPage.setDepth(page, newDepth);
        table.snapshots.divided(bit, lower, upper);
        directory.split(routing, added, upper);
        table.compact(routing & -bit & ~bit);
    }

    /// How many pages the records of the slots with `bit` take at most when they are moved.
    private int pagesToMove(long page, long bit) {
        long bytes = 0;
        int largest = 0;
        for (long at = page; at < page + IndexPage.HEADER; at += 8) {
            long slot = getLong(at);
            if ((slot & bit) != 0) {
                int moved = table.content.roomOf(pages.address(IndexPage.ref(slot)));
                largest = Math.max(largest, moved);
                bytes += moved;
            }
        }
        return bytes == 0 ? 0 : (int) (bytes / (RecordPages.PAGE_BYTES - largest + 8)) + 1;
    }

    /// Copies the records of the slots with `bit` to the pages of another partition.
    private void moveRecords(long page, long bit, Partition from, Partition to) {
        for (long at = page; at < page + IndexPage.HEADER; at += 8) {
            long slot = getLong(at);
            if ((slot & bit) != 0) {
                long record = pages.address(IndexPage.ref(slot));
                int bytes = table.content.roomOf(record);
                if (!to.fits(bytes)) {
                    to.addPage(pages.add(spares.take()));
                }
                long ref = to.take(bytes);
                PageAccess.copy(record, pages.address(ref), bytes);
                from.drop(bytes);
                if (RecordHeader.isLarge(getLong(record))) {
                    int count = LargeRecords.pageCount(record);
                    from.addLargePages(-count);
                    to.addLargePages(count);
                }
                IndexPage.setRef(at, ref);
            }
        }
    }

    /// Gives back what removals in the range of a routing may have made superfluous.
    void shrink(long routing) {
        if (directory.entry(routing) < 0) {
            dropEmptyOfChain(routing);
        }
        boolean merged;
        do {
            if (table.isWorthCompacting(routing)) {
                table.compact(routing);
            }
            merged = directory.entry(routing) > 0 && mergeWithBuddy(routing);
        } while (merged);
    }

    private void dropEmptyOfChain(long routing) {
        long first = directory.firstPage(routing);
        long before = first;
        for (long page = IndexPage.next(first); page != 0; page = IndexPage.next(before)) {
            if (IndexPage.count(page) == 0) {
                IndexPage.setNext(before, IndexPage.next(page));
                table.releasePage(page);
            } else {
                before = page;
            }
        }
        directory.setChained(routing, IndexPage.next(first) != 0);
    }

    /// Not while a snapshot is under way, which goes from range to range.
    private boolean mergeWithBuddy(long routing) {
        long page = directory.entry(routing);
        int depth = IndexPage.depth(page);
        if (depth == 0 || table.snapshots.isUnderWay()) {
            return false;
        }
        long bit = 1L << (64 - depth);
        long buddy = directory.entry(routing ^ bit);
        Partition kept = directory.partition(routing & ~bit);
        Partition gone = directory.partition(routing | bit);
        if (buddy < 0
                || IndexPage.depth(buddy) != depth
                || IndexPage.count(page) + IndexPage.count(buddy) > MERGED_COUNT_MAX
                || kept.pageCount() + gone.pageCount() > MERGED_PAGES_MAX
                || kept.largePages() + gone.largePages() > LARGE_PAGES_MAX / 2) {
            return false;
        }
        long lower = (routing & bit) == 0 ? page : buddy;
        long upper = (routing & bit) == 0 ? buddy : page;
        if (!IndexPage.merge(lower, upper, bit, pages)) {
            return false;
        }
        table.changed();
        kept.absorb(gone);
        IndexPage.setDepth(lower, depth - 1);
        directory.merge(routing, lower, kept);
        table.releasePage(upper);
        return true;
    }
}
