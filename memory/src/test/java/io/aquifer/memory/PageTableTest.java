package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.space.PageSpace;

import org.junit.jupiter.api.Test;

import java.util.BitSet;

/// Clean pages taken together, by a system that may refuse any of them.
class PageTableTest {
    private static final int EXTENT = PageSpace.HUGE_EXTENT_PAGES;
    private static final int TENANT = 7;

    @Test
    void takeHugeExtent_refusedAtAnyPage_takesNoneAndLosesNone() {
        for (int granted = 0; granted < EXTENT; granted++) {
            FrugalSpace space = new FrugalSpace(2 * EXTENT, granted);
            PageTable pages = new PageTable(space);

            assertThat(pages.takeHugeExtent(TENANT)).as("page %d refused", granted).isEmpty();

            assertThat(space.committed.cardinality()).isZero();
            space.left = 2 * EXTENT;
            assertThat(pages.takeHugeExtent(TENANT)).startsWith(EXTENT).hasSize(EXTENT);
            int[] rest = new int[EXTENT];
            assertThat(pages.takeCleanRun(rest, 0)).isEqualTo(EXTENT);
            assertThat(rest[EXTENT - 1]).isEqualTo(EXTENT - 1);
            assertThatThrownBy(() -> pages.takeCleanRun(rest, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the ledger promised a clean page and there is none");
        }
    }

    @Test
    void takeCleanRun_refusedAtAnyPage_hasThoseBeforeIt() {
        for (int granted = 1; granted < 20; granted++) {
            FrugalSpace space = new FrugalSpace(30, granted);
            PageTable pages = new PageTable(space);
            int[] taken = new int[22];

            assertThat(pages.takeCleanRun(taken, 2)).isEqualTo(granted);
            int next = 2 + granted;
            assertThat(taken[next - 1]).isEqualTo(granted - 1);
            assertThatThrownBy(() -> pages.takeCleanRun(taken, next))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(space.committed.cardinality()).isEqualTo(granted);

            space.left = 30;
            pages.takeCleanRun(taken, 2);
            assertThat(taken[2]).as("goes on where it was refused").isEqualTo(granted);
        }
    }

    /// Pages without memory, of a system that gives so many and no more.
    private static final class FrugalSpace implements PageSpace {
        private final int pageCount;
        private final BitSet committed = new BitSet();
        private int left;

        FrugalSpace(int pageCount, int left) {
            this.pageCount = pageCount;
            this.left = left;
        }

        @Override
        public int pageCount() {
            return pageCount;
        }

        @Override
        public long address(int page) {
            return (page + 1L) * PAGE_BYTES;
        }

        @Override
        public int pageAt(long address) {
            return (int) (address / PAGE_BYTES) - 1;
        }

        @Override
        public void commit(int page) {
            if (left == 0) {
                throw new OutOfMemoryError("refused by the test");
            }
            left--;
            committed.set(page);
        }

        @Override
        public void decommit(int[] pages, int from, int to) {
            for (int i = from; i < to; i++) {
                committed.clear(pages[i]);
                left++;
            }
        }

        @Override
        public boolean preferHuge(int firstPage) {
            return true;
        }

        @Override
        public long residentBytes() {
            return (long) committed.cardinality() * PAGE_BYTES;
        }

        @Override
        public void close(boolean reusable) {}
    }
}
