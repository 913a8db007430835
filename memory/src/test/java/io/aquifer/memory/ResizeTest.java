package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// The total changes while the job runs.
class ResizeTest {
    private static final long PAGE = Plans.PAGE;
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(32, 4, 4, 16, 4, 8),
                    MemoryOptions.DEFAULTS.withoutPurging().withCeiling(128 * PAGE));
    private final MemoryScope scope = manager.openScope("task");
    private final PageLease lease = scope.leasePages(manager.managed(), "cells");

    @AfterEach
    void close() {
        scope.closeAndReport();
        manager.close();
    }

    @Test
    void resize_up_isThereAtOnce() {
        assertThat(allocateAll()).hasSize(32 + 8 + 12);

        manager.resize(128 * PAGE);

        MemoryStatistics now = manager.statistics();
        assertThat(now.totalBytes()).isEqualTo(128 * PAGE);
        assertThat(now.targetBytes()).isEqualTo(128 * PAGE);
        assertThat(allocateAll()).hasSize(64);
        assertThat(manager.statistics().managedHeap().limitBytes()).isEqualTo(4 * PAGE);
    }

    @Test
    void resize_belowWhatIsHeld_shrinksAsItComesBack() {
        List<Long> pages = allocateAll();
        assertThat(pages).hasSize(52);

        manager.resize(20 * PAGE);

        assertThat(manager.statistics().totalBytes()).isEqualTo(64 * PAGE);
        assertThat(manager.statistics().targetBytes()).isEqualTo(20 * PAGE);
        assertThat(lease.tryAllocatePage()).isZero();
        for (int released = 1; released <= 52; released++) {
            lease.releasePage(pages.get(released - 1));
            MemoryStatistics now = manager.statistics();
            assertThat(now.totalBytes())
                    .as("after %d pages came back", released)
                    .isEqualTo(Math.max(20, 64 - released) * PAGE);
            assertThat(now.managed().residentBytes()).isLessThanOrEqualTo(now.totalBytes());
        }
        assertThat(manager.statistics().targetBytes()).isEqualTo(20 * PAGE);
        assertThat(allocateAll()).as("20 - 8 of the heap - 4 of the network").hasSize(8);
    }

    @Test
    void resize_upWhileItShrinks_forgetsTheSmallerTarget() {
        List<Long> pages = allocateAll();
        manager.resize(20 * PAGE);
        pages.subList(0, 10).forEach(lease::releasePage);
        assertThat(manager.statistics().totalBytes()).isEqualTo(54 * PAGE);

        manager.resize(100 * PAGE);

        assertThat(manager.statistics().totalBytes()).isEqualTo(100 * PAGE);
        assertThat(allocateAll()).hasSize(100 - 8 - 4 - 42);
    }

    @Test
    void resize_down_neverTakesWhatIsGuaranteed() {
        scope.guarantee(manager.managed(), 30 * PAGE);

        manager.resize(20 * PAGE);

        assertThat(manager.statistics().totalBytes()).isEqualTo((30 + 8 + 4) * PAGE);
        assertThat(lease.allocatePages(30)).hasSize(30);
        scope.guarantee(manager.managed(), 0);
        lease.close();
        assertThat(manager.statistics().totalBytes()).isEqualTo(20 * PAGE);
    }

    @Test
    void resize_down_waitsForTheQuarantine() throws InterruptedException {
        lease.allocatePages(32);
        MemoryScope.Entry[] late = new MemoryScope.Entry[1];
        Thread.ofPlatform().start(() -> late[0] = scope.enter()).join();
        scope.closeAndReport();
        manager.resize(20 * PAGE);
        assertThat(manager.statistics().totalBytes()).isEqualTo((32 + 8 + 4) * PAGE);

        late[0].close();

        assertThat(manager.statistics().totalBytes()).isEqualTo(20 * PAGE);
        assertThat(manager.statistics().quarantine()).isEmpty();
    }

    @Test
    void resize_outOfRange_isRefused() {
        MemoryStatistics before = manager.statistics();
        for (long wrong : new long[] {12 * PAGE - 1, 128 * PAGE + 1, 0, -1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> manager.resize(wrong))
                    .isInstanceOf(MemoryConfigurationException.class)
                    .hasMessageStartingWith("the budget cannot become ");
        }
        assertThatThrownBy(() -> manager.resize(129 * PAGE))
                .hasMessage(
                        "the budget cannot become 4.0 MiB: it can be from 384.0 KiB (what the Java"
                                + " heap and the virtual machine were given, and the least network"
                                + " memory) to 4.0 MiB (what addresses were reserved for at the"
                                + " start).");
        assertThat(manager.statistics()).isEqualTo(before);
    }

    private List<Long> allocateAll() {
        List<Long> pages = new ArrayList<>();
        for (long page; (page = lease.tryAllocatePage()) != 0; ) {
            pages.add(page);
        }
        return pages;
    }
}
