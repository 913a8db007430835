package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Where leases were taken, by the mode of `aquifer.memory.leak-trace`; and which are suspected.
class LeaseSiteTest {
    private static final String TRACE = "aquifer.memory.leak-trace";
    private static final int MANY = 10_000;
    private final MemoryManager manager = MemoryManager.create(Plans.ofPages(8, 8, 0, 0, 0, 0));

    @AfterEach
    void noTrace() {
        System.setProperty(TRACE, "off");
        manager.close();
    }

    @Test
    void site_off_isNeverThere() {
        System.setProperty(TRACE, "off");
        assertThat(traced()).isZero();
    }

    @Test
    void site_full_isAlwaysThere() {
        System.setProperty(TRACE, "full");
        assertThat(traced()).isEqualTo(MANY);
    }

    /// By chance; outside these bounds once in 10^20 runs.
    @Test
    void site_sampled_isThereForOneIn128() {
        System.setProperty(TRACE, "sampled");
        assertThat(traced()).isBetween(10, 250);
    }

    @Test
    void site_byDefault_isSampled() {
        System.clearProperty(TRACE);
        assertThat(traced()).isBetween(10, 250);
    }

    private int traced() {
        MemoryScope scope = manager.openScope("task");
        for (int i = 0; i < MANY; i++) {
            take(scope);
        }
        int traced = 0;
        for (Leak leak : scope.closeAndReport().leaks()) {
            if (!leak.site().isEmpty()) {
                traced++;
                assertThat(leak.site())
                        .startsWith(
                                "    at io.aquifer.memory.LeaseSiteTest.take(LeaseSiteTest.java:");
            }
        }
        return traced;
    }

    private void take(MemoryScope scope) {
        scope.leaseBytes(manager.managedHeap(), "objects");
    }

    @Test
    void suspects_pinnedLeases_areThoseThatOutlivedSoManyCheckpoints() {
        try (MemoryScope scope = manager.openScope("task");
                ByteLease required = scope.leaseBytes(manager.managedHeap(), "required");
                ByteLease old = scope.leaseBytes(manager.managedHeap(), "old", Retention.PINNED);
                ByteLease empty =
                        scope.leaseBytes(manager.managedHeap(), "empty", Retention.PINNED)) {
            required.reserve(1);
            old.reserve(2);
            assertThat(manager.checkpointCompleted()).isEqualTo(1);
            assertThat(manager.checkpointCompleted()).isEqualTo(2);
            try (PageLease young = scope.leasePages(manager.managed(), "young", Retention.PINNED)) {
                young.allocatePage();
                assertThat(manager.suspects(3)).isEmpty();
                assertThat(manager.checkpointCompleted()).isEqualTo(3);

                assertThat(manager.suspects(3))
                        .singleElement()
                        .hasToString("'task / old' held 2 B of pool 'managed-heap'");
                assertThat(manager.suspects(1))
                        .extracting(Leak::owner)
                        .containsExactly("task / old", "task / young");
                assertThat(empty.heldBytes()).isZero();
            }
        }
    }
}
