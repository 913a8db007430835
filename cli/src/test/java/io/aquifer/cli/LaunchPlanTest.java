package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemorySize;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/// Every budget from the smallest to 64 GiB divides without rest, and no part is negative.
class LaunchPlanTest {

    @ParameterizedTest(name = "{0} slots")
    @ValueSource(ints = {1, 2, 3, 8, 64})
    void of_everyBudgetUpTo64GiB_addsUpAndKeepsEveryPart(int slots) {
        long smallest = LaunchPlan.smallestBytes(slots);
        long step = Sizes.MIB;
        for (long total = smallest; total <= 64L << 30; total += step) {
            LaunchPlan plan = LaunchPlan.of(new MemorySize(total), slots);
            long sum = 0;
            for (MemoryPart part : MemoryPart.values()) {
                assertThat(plan.share(part)).as("%s of %d", part, total).isNotNegative();
                sum += plan.share(part);
            }
            assertThat(sum).as("sum for %d", total).isEqualTo(total);
            MemoryPlan engine = plan.memoryPlan(); // checks its own sum
            assertThat(engine.totalBytes()).isEqualTo(total);
            assertThat(engine.managedBytes() % MemoryManager.PAGE_SIZE_BYTES).isZero();
            assertThat(engine.networkBytes() % MemoryManager.PAGE_SIZE_BYTES).isZero();
            assertThat(engine.reserveBytes() % MemoryManager.PAGE_SIZE_BYTES).isZero();
            assertThat(engine.managedHeapBytes()).isLessThan(plan.share(MemoryPart.HEAP));
            step = Math.max(step, total / 97 / 1024 * 1024 + 1024 * 7);
        }
    }

    @Test
    void of_oddNumberOfBytes_givesTheRestToTheUnexplained() {
        LaunchPlan plan = LaunchPlan.of(new MemorySize((300L << 20) + 12_345), 2);
        assertThat(plan.memoryPlan().totalBytes()).isEqualTo((300L << 20) + 12_345);
    }

    @Test
    void of_moreMemory_neverGivesAPartLess() {
        LaunchPlan before = LaunchPlan.of(MemorySize.ofMebi(256), 2);
        for (int mebi = 512; mebi <= 32_768; mebi *= 2) {
            LaunchPlan plan = LaunchPlan.of(MemorySize.ofMebi(mebi), 2);
            for (MemoryPart part :
                    List.of(
                            MemoryPart.HEAP,
                            MemoryPart.MANAGED,
                            MemoryPart.NETWORK,
                            MemoryPart.METASPACE)) {
                assertThat(plan.share(part))
                        .as("%s at %d MiB", part, mebi)
                        .isGreaterThanOrEqualTo(before.share(part));
            }
            before = plan;
        }
    }

    @Test
    void smallestBytes_oneMebibyteLess_isRefusedWithTheSizeToGive() {
        long smallest = LaunchPlan.smallestBytes(2);
        assertThat(smallest).isLessThanOrEqualTo(256 * Sizes.MIB);
        assertThat(LaunchPlan.of(new MemorySize(smallest), 2).share(MemoryPart.MANAGED))
                .isGreaterThanOrEqualTo(8 * Sizes.MIB);
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> LaunchPlan.of(new MemorySize(smallest - Sizes.MIB), 2))
                .withMessageContaining(
                        "is less than the smallest budget of "
                                + Sizes.flag(smallest)
                                + " for 2 slots")
                .withMessageContaining("Give at least --memory " + Sizes.flag(smallest))
                .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.MEMORY));
    }

    @Test
    void flags_carryTheSharesTheyHold() {
        LaunchPlan plan = LaunchPlan.of(MemorySize.ofMebi(2048), 4);
        List<String> flags = plan.flags().stream().map(LaunchPlan.Flag::text).toList();
        assertThat(flags)
                .contains(
                        "-Xmx" + Sizes.flag(plan.share(MemoryPart.HEAP)),
                        "-XX:MaxMetaspaceSize=" + Sizes.flag(plan.share(MemoryPart.METASPACE)),
                        "-XX:ReservedCodeCacheSize="
                                + Sizes.flag(plan.share(MemoryPart.CODE_CACHE)),
                        "-Daquifer.memory.size=2147483648",
                        "-Daquifer.memory.managed.size=" + plan.share(MemoryPart.MANAGED),
                        "-Daquifer.parallelism=4",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:+UseSerialGC");
        assertThat(flags)
                .allMatch(flag -> !flag.contains(" "), "an argument file splits at blanks");
        assertThat(plan.flags()).allMatch(flag -> !flag.why().isBlank());
    }

    @Test
    void flags_heapOverOneGibibyte_usesG1() {
        List<String> flags =
                LaunchPlan.of(MemorySize.ofMebi(16_384), 4).flags().stream()
                        .map(LaunchPlan.Flag::text)
                        .toList();
        assertThat(flags).contains("-XX:+UseG1GC").doesNotContain("-XX:+UseSerialGC");
    }

    @Test
    void plan_unreadableSize_saysWhatToWrite() {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> LaunchArguments.plan("lots", "2"))
                .withMessageStartingWith("--memory: cannot read 'lots' as a memory size.")
                .withMessageContaining("\"2g\"");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> LaunchArguments.plan("1g", "0"))
                .withMessageContaining("'0' is not a number from 1 to 9999");
    }
}
