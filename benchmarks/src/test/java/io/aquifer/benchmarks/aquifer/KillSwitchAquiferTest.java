package io.aquifer.benchmarks.aquifer;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.benchmarks.KillSwitch;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class KillSwitchAquiferTest {
    @Test
    void run_fewRounds_changesNoForeignByte() throws InterruptedException {
        long bytes = 128L * MemoryManager.PAGE_SIZE_BYTES;
        try (MemoryManager manager =
                MemoryManager.create(new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0))) {
            List<KillSwitch.Outcome> outcomes = new ArrayList<>();
            KillSwitch.Outcome outcome = KillSwitchAquifer.run(manager, 5, outcomes::add);

            assertThat(outcomes).hasSize(5).last().isEqualTo(outcome);
            assertThat(outcome.checkedBytes()).isEqualTo(5 * bytes / 2);
            assertThat(outcome.foreignBytes()).isZero();
            assertThat(outcome.changedPages()).isZero();
            assertThat(outcome.thrownOut() + outcome.stopped()).isEqualTo(5 * 6);
            assertThat(outcome.line()).startsWith("kill-switch 5 10485760 0 0 ");
        }
    }
}
