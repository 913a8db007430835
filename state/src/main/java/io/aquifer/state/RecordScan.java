package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

/// One pass over the records of a [HashIndex], a batch at a time, in no particular order.
///
/// Records lie anywhere in memory. A batch is touched as a whole before it is handed out, so that
/// its cache misses overlap. The table must not change during the pass.
final class RecordScan {
    private static final int BATCH = 64;
    private static final int BUCKET_BYTES = 64;
    private static final int BUCKET_SLOTS = 8;

    private final HashIndex index;
    private final BlockHeap heap;
    private final long[] addresses = new long[BATCH + BUCKET_SLOTS];
    private int directoryPosition;
    private long page;
    private long bucket;
    private long pageEnd;
    private long sink;

    RecordScan(HashIndex index, BlockHeap heap) {
        this.index = index;
        this.heap = heap;
    }

    /// Goes to the next records and returns how many; 0 at the end.
    int next() {
        int count = 0;
        while (count < BATCH && (bucket < pageEnd || toNextPage())) {
            count = addBucket(count);
        }
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += getLong(addresses[i]);
        }
        sink += sum;
        return count;
    }

    /// The address of a record of the batch, from 0.
    long address(int i) {
        return addresses[i];
    }

    /// Brings what lies at an address into the cache, without waiting for it.
    void touch(long address) {
        sink += getLong(address);
    }

    private int addBucket(int before) {
        int count = before;
        for (long at = bucket; at < bucket + BUCKET_BYTES; at += 8) {
            long slot = getLong(at);
            if (slot == 0) {
                break;
            }
            addresses[count++] = heap.address(IndexPage.ref(slot));
        }
        bucket += BUCKET_BYTES;
        return count;
    }

    private boolean toNextPage() {
        page = page == 0 ? 0 : IndexPage.next(page);
        if (page == 0) {
            if (directoryPosition == index.directoryLength()
                    || index.entryAt(directoryPosition) == 0) {
                return false;
            }
            page = HashIndex.firstOf(index.entryAt(directoryPosition));
            directoryPosition = index.positionAfter(directoryPosition);
        }
        bucket = page;
        pageEnd = page + IndexPage.HEADER;
        return true;
    }
}
