package io.aquifer.state;

import static io.aquifer.memory.kernel.PageAccess.getLong;

import static org.assertj.core.api.Assertions.assertThat;

/// Asserts the invariants that [HashIndex] and [IndexPage] state, slot by slot.
final class IndexCheck {
    private static final long DISPLACED = 1L << 40;

    private IndexCheck() {}

    static void verify(HashIndex index, BlockHeap heap) {
        long keys = 0;
        int pages = 0;
        for (int position = 0;
                position < index.directoryLength() && index.entryAt(position) != 0; ) {
            long entry = index.entryAt(position);
            int after = index.positionAfter(position);
            for (int i = position; i < after; i++) {
                assertThat(index.entryAt(i)).as("directory entry %d", i).isEqualTo(entry);
            }
            long page = HashIndex.firstOf(entry);
            assertThat(IndexPage.next(page) != 0)
                    .as("chain flag of entry %d", position)
                    .isEqualTo(entry < 0);
            int depth = IndexPage.depth(page);
            long prefix =
                    (long) position
                            << (64 - Integer.numberOfTrailingZeros(index.directoryLength()));
            for (; page != 0; page = IndexPage.next(page)) {
                pages++;
                keys += verifyPage(page, depth, prefix, heap);
            }
            position = after;
        }
        assertThat(keys).as("keys in pages").isEqualTo(index.size());
        assertThat(pages).as("index pages").isEqualTo(index.pageCount());
    }

    private static int verifyPage(long page, int depth, long prefix, BlockHeap heap) {
        int count = 0;
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
                long header = getLong(heap.address(IndexPage.ref(slot)));
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
        return count;
    }

    private static void check(boolean holds, String what, int bucket) {
        if (!holds) {
            throw new AssertionError(what + ", bucket " + bucket);
        }
    }
}
