package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What a fresh page holds: zeros, or what its own scope left in it.
class PageContentsTest {
    private static final long PAGE = Plans.PAGE;
    private final MemoryManager manager = MemoryManager.create(Plans.ofPages(128, 0, 0, 16, 4, 0));

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void allocatePage_ofAPageThatAnotherScopeReleased_isAllZeros() {
        try (MemoryScope first = manager.openScope("first");
                MemoryScope second = manager.openScope("second");
                PageLease secondPages = second.leasePages(manager.managed(), "pages")) {
            PageLease firstPages = first.leasePages(manager.managed(), "pages");
            long address = firstPages.allocatePage();
            PageAccess.fill(address, PAGE, (byte) 0x5A);
            firstPages.close();

            long next = secondPages.allocatePage();
            if (manager.statistics().pageMode() == PageMode.MAPPED) {
                assertThat(next).as("the same page").isEqualTo(address);
            }
            assertAllZeros(next);
        }
    }

    @Test
    void allocatePage_ofAPageItsOwnScopeReleased_comesBackWithoutWiping() {
        try (MemoryScope scope = manager.openScope("task");
                PageLease second = scope.leasePages(manager.managed(), "second")) {
            PageLease first = scope.leasePages(manager.managed(), "first");
            long address = first.allocatePage();
            PageAccess.putLong(address, 77);
            first.close();

            assertThat(second.allocatePage()).isEqualTo(address);
            assertThat(PageAccess.getLong(address)).isEqualTo(77);
        }
    }

    @Test
    void allocatePage_afterAScopeEnded_isAllZerosWhateverTheScopeLeft() {
        List<Long> before = new ArrayList<>();
        MemoryScope ended = manager.openScope("ended");
        PageLease lease = ended.leasePages(manager.managed(), "pages");
        for (int i = 0; i < 100; i++) {
            long address = lease.allocatePage();
            PageAccess.fill(address, PAGE, (byte) 0x5A);
            before.add(address);
        }
        before.subList(0, 10).forEach(lease::releasePage);
        assertThat(ended.closeAndReport().bytes()).isEqualTo(90 * PAGE);
        if (manager.statistics().pageMode() == PageMode.MAPPED) {
            assertThat(manager.managed().residentBytes()).as("let again as they are").isPositive();
        } else {
            assertThat(manager.managed().residentBytes()).as("views are revoked so").isZero();
        }

        try (MemoryScope next = manager.openScope("next");
                PageLease pages = next.leasePages(manager.managed(), "pages")) {
            for (int i = 0; i < 100; i++) {
                assertAllZeros(pages.allocatePage());
            }
        }
    }

    @Test
    void releasePage_many_goToThePoolAndStayResidentUntilPurged() {
        MemoryOptions noPurger = MemoryOptions.DEFAULTS.withoutPurging();
        try (MemoryManager large = MemoryManager.create(Plans.managedOnly(2_000), noPurger);
                MemoryScope scope = large.openScope("task");
                PageLease lease = scope.leasePages(large.managed(), "pages")) {
            List<Long> held = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                held.add(lease.allocatePage());
            }
            held.forEach(lease::releasePage);

            assertThat(lease.pageCount()).isZero();
            assertThat(large.managed().residentBytes()).isEqualTo(2_000 * PAGE);
            assertThat(large.managed().heldBytesMax()).isEqualTo(2_000 * PAGE);

            large.purge();

            assertThat(large.managed().residentBytes())
                    .as("what the lease keeps for its next page")
                    .isLessThanOrEqualTo(PAGE);
        }
    }

    private static void assertAllZeros(long address) {
        assertThat(PageAccess.equals(address, new byte[(int) PAGE], 0, (int) PAGE))
                .as("all zeros")
                .isTrue();
    }
}
