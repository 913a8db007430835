package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import io.aquifer.memory.kernel.PageAccess;

import java.util.Arrays;
import java.util.function.LongToIntFunction;

/// Moves the live records of a [Partition] together, towards the front of its pages, and gives the
/// pages behind them back. Needs no page.
///
/// Records are moved in the order of their references, each to the first place behind the one
/// before: since they keep their order and none crosses a page, none ever moves backwards.
final class Compaction {
    private static final int PLACE_BITS = 32;

    private final RecordPages pages;

    /// Page position and offset of a record, and the number of its slot in `slots`.
    private long[] places = new long[0];

    private long[] slots = new long[0];
    private int count;

    Compaction(RecordPages pages) {
        this.pages = pages;
    }

    long heapBytes() {
        return 16L * places.length + 64;
    }

    /// @param index the first index page of the partition
    /// @param room what a record at an address takes of its page
    void run(long index, Partition partition, LongToIntFunction room) {
        partition.sortPages();
        collect(index, partition);
        Arrays.sort(places, 0, count);
        int page = 0;
        int offset = 0;
        for (int i = 0; i < count; i++) {
            long slot = slots[(int) places[i]];
            long from = pages.address(IndexPage.ref(getLong(slot)));
            int bytes = room.applyAsInt(from);
            if (offset + bytes > RecordPages.PAGE_BYTES) {
                page++;
                offset = 0;
            }
            int number = partition.page(page);
            long to = pages.pageAddress(number) + offset;
            if (to != from) {
                PageAccess.copy(from, to, bytes);
                IndexPage.setRef(slot, RecordPages.ref(number, offset));
            }
            offset += bytes;
        }
        partition.keep(count == 0 ? 0 : page + 1, offset, pages);
    }

    private void collect(long index, Partition partition) {
        count = 0;
        for (long page = index; page != 0; page = IndexPage.next(page)) {
            reserve(count + IndexPage.count(page));
            for (long at = page; at < page + IndexPage.HEADER; at += 8) {
                long slot = getLong(at);
                if (slot != 0) {
                    long ref = IndexPage.ref(slot);
                    long place =
                            (long) partition.positionOf(RecordPages.number(ref)) << 15
                                    | RecordPages.offset(ref);
                    places[count] = place << PLACE_BITS | count;
                    slots[count++] = at;
                }
            }
        }
    }

    private void reserve(int wanted) {
        if (wanted > places.length) {
            int length = Math.max(wanted, 2 * places.length);
            places = Arrays.copyOf(places, length);
            slots = Arrays.copyOf(slots, length);
        }
    }
}
