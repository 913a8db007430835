package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.memory.PolicyOutcome.OwnerOutcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Whole replays: that policies differ as they should, and how the report reads.
class MemoryReplayTest {
    @TempDir Path directory;

    /// Sixteen greedy owners, whose requests have a heavy tail, share equally under the policies
    /// that promise it. With skewed demand fixed parts leave memory unused; with priorities the
    /// important have more.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void run_greedyOwners_areTreatedAsThePolicySays(long seed) throws IOException {
        GreedyTrace greedy = new GreedyTrace(16, 80, 280, 0, 4);
        List<PolicyOutcome> equal =
                run(greedy.text(seed), "elastic", "fair-share", "priority", "fixed(*(1/16)=0.6)");
        assertThat(jain(equal.get(0))).as("elastic").isGreaterThanOrEqualTo(0.95);
        assertThat(jain(equal.get(1))).as("fair-share").isGreaterThanOrEqualTo(0.95);
        assertThat(jain(equal.get(2))).as("priority").isLessThan(0.85);
        assertThat(jain(equal.get(3))).as("fixed, skewed").isLessThan(0.85);
        for (PolicyOutcome outcome : equal.subList(0, 3)) {
            assertThat(outcome.owners())
                    .as("%s: each has something to spill, so none fails", outcome.policy())
                    .allMatch(owner -> owner.failedNanos() == null);
        }
        assertThat(spilled(equal.get(0))).isPositive();
        assertThat(held(equal.get(2), 3)).isGreaterThan(2 * held(equal.get(2), 0));
    }

    @Test
    void run_example_isTheOneOfTheGenerator() throws IOException {
        assertThat(GreedyTrace.EXAMPLE.text(7)).isEqualTo(text("example.trace"));
    }

    @Test
    void report_smallTrace_readsAsTables() throws IOException {
        assertThat(
                        String.join("\n", report("elastic", "fixed(state=0.75,join=0.1)").lines())
                                + "\n")
                .isEqualTo(text("replay-small.txt"));
    }

    @Test
    void report_smallTrace_asJson() throws IOException {
        assertThat(report("fixed(state=0.75,\"join\\=0.1)").json() + "\n")
                .isEqualTo(text("replay-small.json"));
    }

    @Test
    void run_whatIsNoTrace_isRefused() {
        assertThatThrownBy(
                        () ->
                                MemoryReplay.run(
                                        directory.resolve("no.trace"),
                                        List.of(AllocationPolicy.elastic())))
                .isInstanceOf(MemoryTraceException.class)
                .hasMessageContaining("there is no such file");
    }

    private ReplayReport report(String... policies) throws IOException {
        Path file = directory.resolve("small.trace");
        Files.writeString(
                file,
                TraceFormat.header(new MemoryPlan(98_304, 65_536, 0, 32_768, 0, 0, 0))
                        + """

                        0 open 1 0 flights / state (1/1)
                        0 open 2 5 flights / "windows" (1/1)
                        1000000 request 1 managed 49152 required
                        1000000 reclaimable 1 managed 49152 SPILL
                        2000000 request 2 managed 32768 required
                        3000000 dropped 3
                        10000000 request 1 managed 65536 optional
                        20000000 close 1
                        30000000 close 2
                        30000000 end
                        """);
        RecordedTrace trace = RecordedTrace.read(file);
        return new ReplayReport(
                "small.trace",
                trace,
                ReplayCosts.USUAL,
                Arrays.stream(policies)
                        .map(AllocationPolicy::parse)
                        .map(policy -> new MemorySimulation(trace, policy, ReplayCosts.USUAL).run())
                        .toList());
    }

    private static String text(String golden) throws IOException {
        try (InputStream file = MemoryReplayTest.class.getResourceAsStream(golden)) {
            assertThat(file).as(golden).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private List<PolicyOutcome> run(String text, String... policies) throws IOException {
        Path file = Files.writeString(directory.resolve("a.trace"), text);
        return MemoryReplay.run(file, Arrays.stream(policies).map(AllocationPolicy::parse).toList())
                .outcomes();
    }

    private static double jain(PolicyOutcome outcome) {
        return outcome.pools().getFirst().jain();
    }

    private static long spilled(PolicyOutcome outcome) {
        return outcome.owners().stream().mapToLong(OwnerOutcome::spilledBytes).sum();
    }

    private static long held(PolicyOutcome outcome, int priority) {
        return outcome.owners().stream()
                .filter(owner -> owner.priority() == priority)
                .mapToLong(OwnerOutcome::heldBytes)
                .sum();
    }
}
