package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.ByteLease;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryOptions;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The budget follows a limit that the test moves; nothing waits.
class ContainerWatchTest {
    private static final long MIB = 1 << 20;
    private static final MemoryPlan PLAN =
            new MemoryPlan(128 * MIB, 64 * MIB, 0, 16 * MIB, 16 * MIB, 4 * MIB, 32 * MIB);

    private final MemoryManager manager =
            MemoryManager.create(PLAN, MemoryOptions.DEFAULTS.withCeiling(256 * MIB));
    private long limit = 192 * MIB;

    @AfterEach
    void close() {
        manager.close();
    }

    private ContainerWatch watch(long ceiling) {
        return new ContainerWatch(manager, PLAN.totalBytes(), ceiling, () -> limit);
    }

    private long total() {
        return manager.statistics().totalBytes() / MIB;
    }

    @Test
    void limitSinksAndRises_budgetFollowsAndLeavesWhatWasBeside() {
        try (ContainerWatch watch = watch(128 * MIB)) {
            watch.look();
            assertThat(total()).as("nothing has changed").isEqualTo(128);

            limit = 160 * MIB;
            watch.look();
            assertThat(total()).as("64 MiB are left beside it").isEqualTo(96);

            limit = 400 * MIB;
            watch.look();
            assertThat(total()).as("no more than was given").isEqualTo(128);

            limit = Long.MAX_VALUE;
            watch.look();
            assertThat(total()).isEqualTo(128);
        }
    }

    @Test
    void limitRises_withACeilingAboveTheBudget_budgetGrowsUpToIt() {
        try (ContainerWatch watch = watch(256 * MIB)) {
            limit = 224 * MIB;
            watch.look();
            assertThat(total()).isEqualTo(160);

            limit = 1024 * MIB;
            watch.look();
            assertThat(total()).isEqualTo(256);
        }
    }

    @Test
    void limitSinksBelowWhatIsHeld_budgetSinksAsMemoryComesBack() {
        try (ContainerWatch watch = watch(128 * MIB);
                MemoryScope task = manager.openScope("task")) {
            ByteLease lease = task.leaseBytes(manager.managed(), "state");
            lease.reserve(80 * MIB);

            limit = 124 * MIB;
            watch.look();
            assertThat(manager.statistics().targetBytes()).isEqualTo(60 * MIB);
            assertThat(total()).as("held, operation memory, least network memory").isEqualTo(100);

            lease.release(50 * MIB);
            assertThat(total()).isEqualTo(60);
            lease.close();
        }
    }

    @Test
    void limitBelowWhatCannotShrink_budgetStaysAsItIs() {
        try (ContainerWatch watch = watch(128 * MIB)) {
            limit = 65 * MIB;
            watch.look();

            assertThat(total()).isEqualTo(128);
            assertThat(manager.statistics().targetBytes()).isEqualTo(128 * MIB);
        }
    }
}
