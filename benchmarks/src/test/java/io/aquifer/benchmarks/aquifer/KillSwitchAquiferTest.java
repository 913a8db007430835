package io.aquifer.benchmarks.aquifer;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.benchmarks.KillSwitch;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;

import org.junit.jupiter.api.Test;

class KillSwitchAquiferTest {
    @Test
    void run_fewRounds_changesNoForeignByte() throws InterruptedException {
        long bytes = 128L * MemoryManager.PAGE_SIZE_BYTES;
        try (MemoryManager manager =
                MemoryManager.create(new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0))) {
            KillSwitch.Outcome outcome = KillSwitchAquifer.run(manager, 5);

            assertThat(outcome)
                    .isEqualTo(new KillSwitch.Outcome(5, 5 * bytes / 2, 0, 0, 30, 0));
            assertThat(outcome.line()).isEqualTo("kill-switch 5 10485760 0 0 30 0");
        }
    }
}
