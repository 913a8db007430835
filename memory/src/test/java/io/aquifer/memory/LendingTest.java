package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// How limits move: first the reserve, then idle network memory, and back.
class LendingTest {
    private static final long PAGE = Plans.PAGE;

    @Test
    void managed_fullAgainAndAgain_doublesThenGrowsByAQuarter() {
        // The total is 1,024 pages, so doubling ends at 128.
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(16, 0, 0, 0, 0, 1008));
                MemoryScope scope = manager.openScope("task");
                PageLease lease = scope.leasePages(manager.managed(), "cells")) {
            List<Long> limits = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                lease.allocatePage();
                long limit = manager.managed().limitBytes() / PAGE;
                if (limits.isEmpty() || limits.getLast() != limit) {
                    limits.add(limit);
                }
            }
            assertThat(limits)
                    .containsExactly(16L, 32L, 64L, 128L, 160L, 200L, 250L, 313L, 392L, 490L);
        }
    }

    @Test
    void managed_requestLargerThanTheStep_growsByTheRequest() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(2, 0, 0, 0, 0, 1000));
                MemoryScope scope = manager.openScope("task");
                ByteLease lease = scope.leaseBytes(manager.managed(), "map")) {
            lease.reserve(500 * PAGE);

            assertThat(manager.managed().limitBytes()).isEqualTo(500 * PAGE);
            assertThat(manager.statistics().reserveBytes()).isEqualTo(502 * PAGE);
        }
    }

    @Test
    void managed_reserveSpent_borrowsIdleNetworkMemoryDownToItsMinimum() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(10, 4, 4, 50, 20, 10));
                MemoryScope scope = manager.openScope("task");
                PageLease cells = scope.leasePages(manager.managed(), "cells")) {
            int granted = 0;
            while (cells.tryAllocatePage() != 0) {
                granted++;
            }
            MemoryStatistics now = manager.statistics();

            assertThat(granted).isEqualTo(10 + 10 + 30);
            assertThat(now.network().limitBytes()).isEqualTo(20 * PAGE);
            assertThat(now.reserveBytes()).isZero();
            assertThat(now.managedHeap().limitBytes()).isEqualTo(4 * PAGE);
            assertThat(now.operation().limitBytes()).isEqualTo(4 * PAGE);
        }
    }

    @Test
    void managed_networkInUse_borrowsOnlyWhatIsIdleAndItsReleasedPagesMakeWay() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(4, 0, 0, 40, 0, 0));
                MemoryScope scope = manager.openScope("task");
                PageLease cells = scope.leasePages(manager.managed(), "cells");
                PageLease buffers = scope.leasePages(manager.network(), "buffers")) {
            List<Long> inFlight = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                inFlight.add(buffers.allocatePage());
            }
            inFlight.subList(0, 15).forEach(buffers::releasePage);
            assertThat(manager.network().residentBytes())
                    .as("released pages stay")
                    .isEqualTo(40 * PAGE);

            int granted = 0;
            while (cells.tryAllocatePage() != 0) {
                granted++;
            }

            assertThat(granted).isEqualTo(4 + 15);
            assertThat(manager.network().limitBytes()).isEqualTo(25 * PAGE);
            assertThat(manager.network().residentBytes()).isEqualTo(25 * PAGE);
            assertThat(manager.statistics().pageBytesResident()).isLessThanOrEqualTo(44 * PAGE);
        }
    }

    @Test
    void network_lentBefore_takesBackWhatManagedMemoryNoLongerHolds() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(10, 0, 0, 30, 5, 0));
                MemoryScope scope = manager.openScope("task");
                PageLease buffers = scope.leasePages(manager.network(), "buffers")) {
            try (PageLease cells = scope.leasePages(manager.managed(), "cells")) {
                for (int i = 0; i < 35; i++) {
                    cells.allocatePage();
                }
                assertThat(buffers.tryAllocatePage()).as("within its minimum").isNotZero();
            }
            assertThat(manager.network().limitBytes()).isEqualTo(5 * PAGE);

            int granted = 1;
            while (buffers.tryAllocatePage() != 0) {
                granted++;
            }

            assertThat(granted).as("what it started with, no more").isEqualTo(30);
            assertThat(manager.managed().limitBytes()).isEqualTo(10 * PAGE);
        }
    }

    @Test
    void pressure_asManagedMemoryFills_countsWhatItMayStillBorrow() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(10, 0, 0, 50, 10, 50));
                MemoryScope scope = manager.openScope("task");
                ByteLease lease = scope.leaseBytes(manager.managed(), "map")) {
            lease.reserve(10 * PAGE);
            assertThat(manager.statistics().pressure())
                    .as("full, but free to grow")
                    .isEqualTo(Pressure.LOW);
            lease.reserve(65 * PAGE);
            assertThat(manager.statistics().pressure()).isEqualTo(Pressure.MODERATE);
            lease.reserve(15 * PAGE);
            assertThat(manager.statistics().pressure()).isEqualTo(Pressure.HIGH);
            lease.reserve(7 * PAGE);
            assertThat(manager.statistics().pressure()).isEqualTo(Pressure.CRITICAL);
            lease.release(60 * PAGE);
            assertThat(manager.statistics().pressure()).isEqualTo(Pressure.LOW);
        }
    }
}
