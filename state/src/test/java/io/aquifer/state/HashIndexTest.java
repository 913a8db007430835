package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.putLong;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;

/// A [HashIndex] under hashes that no good function yields: equal in the low half, in the high
/// half, in all bits. Goal: nothing breaks, memory stays in proportion, and removal gives
/// everything back.
class HashIndexTest {
    private static final int KEYS = 20_000;

    @Test
    void insert_hashesEqualInTheLow32Bits_spreadOverPagesAsRandomOnes() {
        int pages = insertAndRemove(KEYS, i -> mixed(i) << 32 | 0x1234_5678L);
        assertThat(pages).isLessThanOrEqualTo(2 * KEYS / IndexPage.COUNT_MAX + 6);
    }

    @Test
    void insert_hashesEqualInTheHigh32Bits_chainPagesAndKeepTheDirectorySmall() {
        int pages = insertAndRemove(KEYS, i -> 0x1234_5678L << 32 | mixed(i) >>> 32);
        assertThat(pages).isLessThanOrEqualTo(KEYS / IndexPage.COUNT_MAX + 40);
    }

    @Test
    void insert_equalHashes_chainPages() {
        insertAndRemove(3 * IndexPage.COUNT_MAX, i -> 0x1234_5678_9ABC_DEF0L);
    }

    @Test
    void insert_hashesInOneHomeBucketNearThePageEnd_chainPages() {
        long near = 0;
        while (IndexPage.homeOffset(near << 32) < 503 * 64) {
            near++;
        }
        long hash = near << 32;
        insertAndRemove(2_000, i -> hash);
    }

    @Test
    void insertAndRemove_randomHashes_keepInvariantsAndMergePages() {
        insertAndRemove(100_000, HashIndexTest::mixed);
    }

    /// Inserts, removes in another order, checks in between; returns the index pages at the peak.
    private static int insertAndRemove(int keys, LongUnaryOperator hashOf) {
        try (TestPages source = new TestPages(4_000)) {
            BlockHeap heap = new BlockHeap(source);
            HashIndex index = new HashIndex(source, heap);
            List<long[]> held = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                long hash = hashOf.applyAsLong(i);
                long ref = heap.allocate(16);
                putLong(heap.address(ref), hash << 32);
                index.insert(hash, ref);
                held.add(new long[] {hash, ref});
            }
            IndexCheck.verify(index, heap);
            int peak = index.pageCount();
            assertThat(index.directoryLength()).isLessThanOrEqualTo(Math.max(64, 32 * peak));
            SplittableRandom random = new SplittableRandom(7);
            while (!held.isEmpty()) {
                int pick = random.nextInt(held.size());
                long[] one = held.get(pick);
                held.set(pick, held.getLast());
                held.removeLast();
                index.remove(slotOf(index, one[0], one[1]));
                heap.free(one[1], 16);
                if (held.size() % (keys / 8) == 0) {
                    IndexCheck.verify(index, heap);
                }
            }
            assertThat(index.pageCount()).as("index pages at the end").isEqualTo(1);
            assertThat(index.directoryLength()).as("directory at the end").isLessThanOrEqualTo(64);
            index.clear();
            heap.clear();
            return peak;
        }
    }

    private static long slotOf(HashIndex index, long hash, long ref) {
        for (long page = HashIndex.firstOf(index.entry(hash));
                page != 0;
                page = IndexPage.next(page)) {
            for (long at = page + IndexPage.homeOffset(hash);
                    at < page + IndexPage.HEADER;
                    at += 8) {
                if (Records.refAt(at) == ref) {
                    return at;
                }
            }
        }
        throw new AssertionError("not found: hash " + Long.toHexString(hash));
    }

    private static long mixed(long i) {
        return new KeyHash(99).ofLong(i);
    }
}
