package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryPlanTest {

    @Test
    void constructor_sharesShortOfTheTotal_saysByHowMuch() {
        assertThatThrownBy(() -> new MemoryPlan(1 << 20, 1 << 19, 0, 0, 0, 0, 0))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessage(
                        "the shares of a memory plan must add up to its total: managed 524288 +"
                            + " managed heap 0 + operation 0 + network 0 + reserve 0 = 524288"
                            + " bytes, but the total is 1048576 bytes (short by 512.0 KiB). Change"
                            + " the reserve by the difference.");
    }

    @Test
    void constructor_sharesThatOverflow_areRefused() {
        assertThatThrownBy(
                        () ->
                                new MemoryPlan(
                                        1 << 20, Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, 0, 1 << 20))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining("over by");
    }

    @Test
    void constructor_negativeShareOrNoTotal_isRefused() {
        assertThatThrownBy(() -> new MemoryPlan(10, 20, -10, 0, 0, 0, 0))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining("managed heap -10");
        assertThatThrownBy(() -> new MemoryPlan(0, 0, 0, 0, 0, 0, 0))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining("total of 0 bytes");
    }

    @Test
    void constructor_networkMinimumAboveNetwork_isRefused() {
        assertThatThrownBy(() -> Plans.ofPages(4, 0, 0, 2, 3, 0))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessage(
                        "the network minimum (96.0 KiB) exceeds the network memory (64.0 KiB). "
                                + "Lower aquifer.memory.network.min or raise the budget.");
    }

    @Test
    void create_planOfEveryShare_isWhatTheStatisticsShow() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(1, 2, 3, 4, 1, 5))) {
            MemoryStatistics statistics = manager.statistics();
            assertThat(statistics.pools())
                    .extracting(PoolStatistics::name, PoolStatistics::limitBytes)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("managed", Plans.PAGE),
                            org.assertj.core.groups.Tuple.tuple("managed-heap", 2 * Plans.PAGE),
                            org.assertj.core.groups.Tuple.tuple("operation", 3 * Plans.PAGE),
                            org.assertj.core.groups.Tuple.tuple("network", 4 * Plans.PAGE));
            assertThat(statistics.reserveBytes()).isEqualTo(5 * Plans.PAGE);
            assertThat(statistics.totalBytes()).isEqualTo(15 * Plans.PAGE);
            assertThat(statistics.heldBytes()).isZero();
            assertThat(statistics.pageBytesResident()).isZero();
        }
    }

    @Test
    void create_budgetOfTwoTerabytes_reservesWithoutTakingMemory() {
        long pages = (2L << 40) / Plans.PAGE;
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(pages));
                MemoryScope scope = manager.openScope("large");
                PageLease lease = scope.leasePages(manager.managed(), "one")) {
            assertThat(lease.allocatePage()).isNotZero();
            assertThat(manager.statistics().pageBytesResident()).isLessThanOrEqualTo(4 << 20);
        }
    }
}
