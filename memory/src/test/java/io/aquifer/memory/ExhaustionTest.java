package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.aquifer.memory.space.AddressSpaceException;
import io.aquifer.memory.space.PageSpace;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a refused request says, and that it changes nothing whichever allocation it is that fails.
class ExhaustionTest {

    @Test
    void allocatePage_nthFails_forEveryLimitLeavesTheLedgerUnchanged() {
        for (int limit = 0; limit <= 40; limit++) {
            try (MemoryManager manager = MemoryManager.create(Plans.ofPages(limit, 1, 0, 0, 0, 0));
                    MemoryScope scope = manager.openScope("task");
                    PageLease lease = scope.leasePages(manager.managed(), "cells")) {
                long last = 0;
                for (int i = 0; i < limit; i++) {
                    last = lease.allocatePage();
                }
                MemoryStatistics full = manager.statistics();

                assertThatThrownBy(lease::allocatePage)
                        .isInstanceOf(MemoryExhaustedException.class);
                assertThat(lease.tryAllocatePage()).isZero();

                assertThat(manager.statistics()).as("limit %d", limit).isEqualTo(full);
                assertThat(lease.pageCount()).isEqualTo(limit);
                if (limit > 0) {
                    lease.releasePage(last);
                    assertThat(lease.allocatePage()).as("the page given back").isEqualTo(last);
                }
            }
        }
    }

    @Test
    void allocatePage_poolFull_namesRequesterPoolHoldersAndRemedy() {
        MemoryPlan plan = Plans.ofPages(2048, 512, 512, 512, 512, 0);
        try (MemoryManager manager = MemoryManager.create(plan);
                MemoryScope scope = manager.openScope("flights / windows (1/2)");
                MemoryScope other = manager.openScope("flights / dedup (1/1)");
                ByteLease first = other.leaseBytes(manager.managed(), "keys");
                ByteLease second = scope.leaseBytes(manager.managed(), "timers");
                ByteLease third = scope.leaseBytes(manager.managed(), "index");
                ByteLease fourth = other.leaseBytes(manager.managed(), "rest");
                ByteLease fifth = other.leaseBytes(manager.managed(), "more");
                ByteLease elsewhere = other.leaseBytes(manager.network(), "buffers");
                PageLease lease = scope.leasePages(manager.managed(), "cells")) {
            first.reserve(40 << 20);
            second.reserve(12 << 20);
            third.reserve(8 << 20);
            fourth.reserve(3 << 20);
            fifth.reserve(1 << 20);
            elsewhere.reserve(16 << 20);

            assertThatThrownBy(lease::allocatePage)
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessage(
                            """
                            cannot allocate 1 page (32.0 KiB) for 'flights / windows (1/2) / cells': pool 'managed' has \
                            0 B of 64.0 MiB free, the reserve has 0 B left and no other pool has enough idle.
                            Largest holders: 'flights / dedup (1/1) / keys' 40.0 MiB, 'flights / windows (1/2) / timers' \
                            12.0 MiB, 'flights / windows (1/2) / index' 8.0 MiB, 2 others 4.0 MiB.
                            Raise --memory or env.setMemory (now 112.0 MiB; this request needs about 113.0 MiB, and \
                            140.0 MiB would leave room to grow).\
                            """);
        }
    }

    @Test
    void reserve_beyondAHeapPool_namesThePoolWithoutSpeakingOfLending() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(100, 4, 4, 0, 0, 0));
                MemoryScope scope = manager.openScope("task");
                ByteLease lease = scope.leaseBytes(manager.managedHeap(), "objects")) {
            MemoryExhaustedException refusal =
                    catchThrowableOfType(
                            MemoryExhaustedException.class, () -> lease.reserve(1 << 20));

            assertThat(refusal.owner()).isEqualTo("task / objects");
            assertThat(refusal.requestedBytes()).isEqualTo(1 << 20);
            assertThat(refusal)
                    .hasMessage(
                            """
                            cannot allocate 1.0 MiB for 'task / objects': pool 'managed-heap' has 128.0 KiB of \
                            128.0 KiB free.
                            Largest holders: none.
                            Raise --memory or env.setMemory (now 3.4 MiB; this request needs about 5.0 MiB, and \
                            5.0 MiB would leave room to grow).\
                            """);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 1, 1L << 62})
    void reserve_hugeRequest_isRefusedWithoutOverflow(long bytes) {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(4, 4, 0, 4, 1, 4));
                MemoryScope scope = manager.openScope("task");
                ByteLease lease = scope.leaseBytes(manager.managed(), "objects")) {
            lease.reserve(10);
            MemoryStatistics before = manager.statistics();

            assertThat(lease.tryReserve(bytes)).isFalse();
            assertThatThrownBy(() -> lease.reserve(bytes))
                    .isInstanceOf(MemoryExhaustedException.class);

            assertThat(manager.statistics()).isEqualTo(before);
        }
    }

    @Test
    void allocatePage_systemRefusesTheNthPage_leavesTheLedgerUnchanged()
            throws AddressSpaceException {
        for (int granted = 0; granted < 20; granted++) {
            Ledger ledger =
                    new Ledger(
                            Plans.managedOnly(64),
                            new RefusingSpace(PageSpace.reserve(64), granted),
                            MemoryOptions.DEFAULTS.withoutPurging());
            MemoryScope scope = ledger.openScope(null, "task", 0);
            PageLease lease = scope.leasePages(ledger.managed, "cells");
            for (int i = 0; i < granted; i++) {
                lease.allocatePage();
            }
            MemoryStatistics before = ledger.statistics();

            assertThatThrownBy(lease::allocatePage)
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageStartingWith(
                            "cannot allocate 1 page (32.0 KiB) for 'task / cells': the budget has"
                                    + " room, but the operating system refused more memory");
            assertThat(lease.tryAllocatePage()).isZero();

            assertThat(ledger.statistics()).isEqualTo(before);
            lease.close();
            assertThat(ledger.statistics().heldBytes()).isZero();
            scope.close();
            assertThat(ledger.close()).isEmpty();
        }
    }

    @Test
    void allocatePages_systemRefusesTheNthOfThem_leavesTheLedgerUnchanged()
            throws AddressSpaceException {
        for (int held = 0; held <= 8; held += 8) {
            for (int more = 0; more < 12; more++) {
                Ledger ledger = ledger(64, held + more);
                MemoryScope scope = ledger.openScope(null, "task", 0);
                PageLease lease = scope.leasePages(ledger.managed, "cells");
                if (held > 0) {
                    lease.allocatePages(held);
                }
                MemoryStatistics before = ledger.statistics();

                assertThatThrownBy(() -> lease.allocatePages(12))
                        .isInstanceOf(MemoryExhaustedException.class)
                        .hasMessageStartingWith(
                                "cannot allocate 12 pages (384.0 KiB) for 'task / cells': the"
                                        + " budget has room, but the operating system refused");

                assertThat(ledger.statistics()).as("page %d refused", more).isEqualTo(before);
                assertThat(lease.pageCount()).isEqualTo(held);
                lease.close();
                scope.close();
                assertThat(ledger.close()).isEmpty();
            }
        }
    }

    @Test
    void allocatePages_poolHasFewer_allocatesNone() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(10, 0, 0, 4, 2, 0));
                MemoryScope scope = manager.openScope("task");
                PageLease lease = scope.leasePages(manager.managed(), "cells")) {
            lease.allocatePages(3);
            MemoryStatistics before = manager.statistics();

            for (int count : new int[] {10, 11, 1_000, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> lease.allocatePages(count))
                        .isInstanceOf(MemoryExhaustedException.class);
                assertThat(manager.statistics()).isEqualTo(before);
            }
            assertThatThrownBy(() -> lease.allocatePages(0))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessage(
                            "lease 'task / cells' was asked for 0 pages; ask for at least 1."
                                    + " Nothing was changed.");
            assertThat(lease.allocatePages(9)).hasSize(9).doesNotHaveDuplicates();
        }
    }

    /// A lease that has many pages is granted some ahead, any of which may be refused.
    @Test
    void allocatePage_systemRefusesAPageAhead_grantsEachPageThereIs() throws AddressSpaceException {
        for (int available = 16; available < 60; available++) {
            Ledger ledger = ledger(100, available);
            MemoryScope scope = ledger.openScope(null, "task", 0);
            PageLease lease = scope.leasePages(ledger.managed, "cells");
            for (int i = 0; i < available; i++) {
                assertThat(lease.tryAllocatePage()).as("page %d of %d", i, available).isNotZero();
            }
            MemoryStatistics before = ledger.statistics();

            assertThat(lease.tryAllocatePage()).isZero();

            assertThat(ledger.statistics()).isEqualTo(before);
            assertThat(lease.pageCount()).isEqualTo(available);
            lease.close();
            scope.close();
            assertThat(ledger.close()).isEmpty();
        }
    }

    /// What another lease of the same owner has and does not use is charged, but not in the way.
    @Test
    void tryAllocatePage_anotherLeaseHasUnusedPages_getsThem() {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(40));
                MemoryScope scope = manager.openScope("task");
                PageLease first = scope.leasePages(manager.managed(), "first");
                PageLease second = scope.leasePages(manager.managed(), "second")) {
            first.releasePage(first.allocatePages(17)[0]);
            second.allocatePages(23);
            assertThat(first.granted())
                    .as("one unused, so that the pool is full")
                    .isEqualTo(17 * Plans.PAGE);

            assertThat(second.tryAllocatePage()).isNotZero();
            assertThat(first.tryAllocatePage()).isZero();
        }
    }

    private static Ledger ledger(int pages, int available) throws AddressSpaceException {
        return new Ledger(
                Plans.managedOnly(pages),
                new RefusingSpace(PageSpace.reserve(pages), available),
                MemoryOptions.DEFAULTS.withoutPurging());
    }

    /// Pages of a machine that has only so many.
    private static final class RefusingSpace implements PageSpace {
        private final PageSpace pages;
        private int left;

        RefusingSpace(PageSpace pages, int left) {
            this.pages = pages;
            this.left = left;
        }

        @Override
        public int pageCount() {
            return pages.pageCount();
        }

        @Override
        public long address(int page) {
            return pages.address(page);
        }

        @Override
        public int pageAt(long address) {
            return pages.pageAt(address);
        }

        @Override
        public void commit(int page) {
            if (left == 0) {
                throw new OutOfMemoryError("refused by the test");
            }
            left--;
            pages.commit(page);
        }

        @Override
        public void decommit(int[] gone, int from, int to) {
            pages.decommit(gone, from, to);
        }

        @Override
        public long residentBytes() {
            return pages.residentBytes();
        }

        @Override
        public void close(boolean reusable) {
            pages.close(reusable);
        }
    }
}
