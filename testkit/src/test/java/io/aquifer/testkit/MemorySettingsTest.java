package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.engine.TaskManager;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemorySize;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;

/// Settings that cannot be are refused when a job starts, with the arithmetic; those that can are
/// what the job runs with.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class MemorySettingsTest {
    @AfterEach
    void clear() {
        for (String name : List.of("policy", "task.min", "ceiling")) {
            System.clearProperty("aquifer.memory." + name);
        }
        TaskManager.get().releaseMemory();
    }

    private static List<Long> run(String memory) throws Exception {
        TaskManager.get().releaseMemory();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory(memory);
        env.setParallelism(2);
        List<Long> sums = new ArrayList<>();
        env.fromSequence(1, 100)
                .keyBy(value -> value % 10)
                .reduce(Long::sum)
                .collect(
                        value -> {
                            synchronized (sums) {
                                sums.add(value);
                            }
                        });
        env.execute("settings");
        return sums;
    }

    @Test
    void policyThatIsUnknown_isRefusedWithThoseThatAre() {
        System.setProperty("aquifer.memory.policy", "elastik");

        assertThatThrownBy(() -> run("32"))
                .hasRootCauseInstanceOf(MemoryConfigurationException.class)
                .rootCause()
                .hasMessageContaining(
                        "there is no allocation policy 'elastik'. Did you mean elastic?");
    }

    @Test
    void policyWhoseFractionsSumAboveOne_isRefusedWithTheSum() {
        System.setProperty("aquifer.memory.policy", "fixed(windows=0.6,join=0.5)");

        assertThatThrownBy(() -> run("32"))
                .rootCause()
                .hasMessageContaining("windows=0.6 + join=0.5 = 1.1");
    }

    @Test
    void guaranteesAboveWhatThereIs_areRefusedWithTheSum() {
        System.setProperty("aquifer.memory.task.min", "12m");

        assertThatThrownBy(() -> run("32"))
                .rootCause()
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining(
                        "cannot be guaranteed 12.0 MiB of pool 'managed': it can reach")
                .hasMessageContaining("12.0 MiB guaranteed to others");
    }

    @Test
    void ceilingBelowTheBudget_isRefused() {
        System.setProperty("aquifer.memory.ceiling", "16m");

        assertThatThrownBy(() -> run("32"))
                .rootCause()
                .hasMessageStartingWith(
                        "aquifer.memory.ceiling is 16.0 MiB, below the budget of 32.0 MiB.");
    }

    @Test
    void everyPolicy_runsAJob() throws Exception {
        for (String policy :
                List.of("elastic", "fair-share", "fixed", "priority", "fixed(no=0.5)")) {
            System.setProperty("aquifer.memory.policy", policy);
            assertThat(run("32")).as(policy).hasSize(100);
            assertThat(TaskManager.get().memoryStatistics().orElseThrow().arbitration().policy())
                    .isEqualTo(policy);
        }
    }

    @Test
    void budget_resizedWhileItIsKept_changesUpToTheCeiling() throws Exception {
        System.setProperty("aquifer.memory.ceiling", "64m");
        run("32");

        TaskManager.get().resizeMemory(MemorySize.ofMebi(64));
        assertThat(TaskManager.get().memoryStatistics().orElseThrow().totalBytes())
                .isEqualTo(64 << 20);
        TaskManager.get().resizeMemory(MemorySize.ofMebi(24));
        assertThat(TaskManager.get().memoryStatistics().orElseThrow().totalBytes())
                .isEqualTo(24 << 20);
        assertThatThrownBy(() -> TaskManager.get().resizeMemory(MemorySize.ofMebi(65)))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining("the budget cannot become 65.0 MiB: it can be from");
        assertThat(TaskManager.get().memoryReport().orElseThrow().toString())
                .startsWith("Memory budget 24.0 MiB");
    }
}
