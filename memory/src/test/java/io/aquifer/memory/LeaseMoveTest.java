package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Leases that change their owner: what is held, charged and guaranteed moves along.
class LeaseMoveTest {
    private static final long PAGE = Plans.PAGE;
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(32, 0, 0, 8, 2, 0), MemoryOptions.DEFAULTS.withoutPurging());
    private final MemoryScope from = manager.openScope("from");
    private final MemoryScope to = manager.openScope("to");
    private final PageLease lease = from.leasePages(manager.managed(), "cells");

    @AfterEach
    void close() {
        from.closeAndReport();
        to.closeAndReport();
        assertThat(manager.statistics().heldBytes()).isZero();
        manager.close();
    }

    @Test
    void moveTo_anotherScope_movesWhatIsHeldWithItsContents() {
        long address = lease.allocatePage();
        PageAccess.putLong(address, 99);

        lease.moveTo(to);

        assertThat(lease.owner()).isEqualTo("to / cells");
        assertThat(from.heldBytes()).isZero();
        assertThat(to.heldBytes()).isEqualTo(PAGE);
        assertThat(manager.statistics().heldByOwner()).containsOnlyKeys("to / cells");
        assertThat(PageAccess.getLong(address)).isEqualTo(99);
        assertThat(from.closeAndReport().isEmpty()).isTrue();
        assertThat(PageAccess.getLong(address)).isEqualTo(99);
        lease.releasePage(address);
        assertThat(lease.allocatePage()).isNotZero();
        assertThat(to.closeAndReport().bytes()).isEqualTo(PAGE);
    }

    @Test
    void moveTo_scopeThatEndedOrIsElsewhere_isRefused() {
        lease.allocatePage();
        MemoryScope ended = manager.openScope("ended");
        ended.close();
        assertThatThrownBy(() -> lease.moveTo(ended))
                .isInstanceOf(MemoryUseException.class)
                .hasMessageStartingWith("scope 'ended' is closed");
        try (MemoryManager other = MemoryManager.create(Plans.managedOnly(1));
                MemoryScope elsewhere = other.openScope("elsewhere")) {
            assertThatThrownBy(() -> lease.moveTo(elsewhere))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessageStartingWith("pool 'managed' belongs to another memory manager");
        }
        assertThat(lease.owner()).isEqualTo("from / cells");
        lease.close();
        assertThatThrownBy(() -> lease.moveTo(to))
                .isInstanceOf(MemoryUseException.class)
                .hasMessageStartingWith("lease 'from / cells' is closed.");
    }

    /// What was granted and is not used holds the former job's bytes.
    @Test
    void moveTo_anotherJob_handsOverNoUnusedPages() {
        long[] pages = lease.allocatePages(20);
        for (long page : pages) {
            PageAccess.fill(page, PAGE, (byte) 0x5A);
        }
        lease.releasePage(pages[18]);
        lease.releasePage(pages[19]);

        lease.moveTo(to);

        for (int i = 0; i < 14; i++) {
            long page = lease.allocatePage();
            assertThat(PageAccess.equals(page, new byte[(int) PAGE], 0, (int) PAGE))
                    .as("page %d is all zeros", i)
                    .isTrue();
        }
    }

    /// The former owner could have its guarantee again, so what it moved away must fit beside it.
    @Test
    void moveTo_formerOwnerIsGuaranteedTheBytes_isRefusedWithoutRoom() {
        from.guarantee(manager.managed(), 20 * PAGE);
        lease.allocatePages(20);
        try (PageLease rest = to.leasePages(manager.managed(), "rest")) {
            long last = 0;
            for (long page; (page = rest.tryAllocatePage()) != 0; ) {
                last = page;
            }
            MemoryStatistics before = manager.statistics();

            assertThatThrownBy(() -> lease.moveTo(to))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageStartingWith(
                            "cannot move 640.0 KiB of 'from / cells' to 'to': 'from' is guaranteed"
                                    + " 640.0 KiB of pool 'managed', and to keep that free 640.0"
                                    + " KiB are missing.\nLargest holders: ");
            assertThat(manager.statistics()).isEqualTo(before);
            assertThat(lease.owner()).isEqualTo("from / cells");

            from.guarantee(manager.managed(), 0);
            lease.moveTo(to);
            assertThat(to.heldBytes()).isEqualTo(38 * PAGE);
            rest.releasePage(last);
        }
    }

    @Test
    void moveTo_ownerWithAGuarantee_usesIt() {
        to.guarantee(manager.managed(), 30 * PAGE);
        lease.allocatePages(2);
        lease.moveTo(to);

        try (PageLease others = from.leasePages(manager.managed(), "others")) {
            int granted = 0;
            while (others.tryAllocatePage() != 0) {
                granted++;
            }
            assertThat(granted).as("32 + 6 of the network - 30 guaranteed").isEqualTo(8);
            assertThat(lease.allocatePages(28)).hasSize(28);
        }
    }
}
