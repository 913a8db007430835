package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.aquifer.memory.PolicyOutcome.OwnerOutcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/// Small traces whose replay can be followed by hand, and random ones that must not break the plan.
///
/// Managed memory has 100 bytes here and the network 20, of which it keeps 10; the reserve has 10.
/// So managed memory reaches 120. The disk writes a byte a nanosecond, asking takes 5 ns, a wait
/// 1,000.
class MemorySimulationTest {
    private static final ReplayCosts COSTS = new ReplayCosts(1_000_000_000, 5, 1_000);
    private static final String HEADER =
            TraceFormat.header(new MemoryPlan(150, 100, 10, 10, 20, 10, 10)) + "\n";

    @TempDir Path directory;

    @Test
    void run_enoughForAll_isTheTrace() {
        PolicyOutcome outcome =
                run(
                        "elastic",
                        """
                        0 open 1 3 a
                        0 open 2 0 b
                        10 request 1 managed 60 required
                        10 request 2 managed 50 optional
                        30 release 1 managed 60
                        50 close 1
                        110 close 2
                        110 end
                        """);
        assertThat(outcome.makespanNanos()).isEqualTo(110);
        assertThat(outcome.owners())
                .containsExactly(
                        new OwnerOutcome("a", 3, 24, 60, 24, 0, 0, 0, 0, 0, 0, null),
                        new OwnerOutcome("b", 0, 45, 50, 45, 0, 0, 0, 0, 0, 0, null));
        assertThat(outcome.pools())
                .singleElement()
                .satisfies(
                        pool -> {
                            assertThat(pool.pool()).isEqualTo("managed");
                            assertThat(pool.mostBytes()).isEqualTo(120);
                            assertThat(pool.peakBytes()).isEqualTo(110);
                            assertThat(pool.heldBytes()).isEqualTo(56); // (60*20 + 50*100) / 110
                            // (24 + 50/1.1)^2 / (2 * (24^2 + (50/1.1)^2))
                            assertThat(pool.jain()).isCloseTo(0.9125, within(0.001));
                        });
    }

    /// b's share is 60; a spills 30 of its 90, which takes 5 + 30 ns and delays both.
    @Test
    void run_askerBelowItsFairShare_waitsForTheOthersSpill() {
        String trace =
                """
                0 open 1 0 a
                0 open 2 0 b
                0 request 1 managed 90 required
                0 reclaimable 1 managed 85 SPILL
                10 request 2 managed 60 required
                50 close 1
                60 close 2
                60 end
                """;
        PolicyOutcome elastic = run("elastic", trace);
        assertThat(elastic.owners())
                .containsExactly(
                        new OwnerOutcome("a", 0, 77, 90, 90, 0, 0, 0, 30, 0, 0, null),
                        new OwnerOutcome("b", 0, 32, 60, 32, 1, 35, 35, 0, 30, 0, null));
        assertThat(elastic.makespanNanos()).isEqualTo(95);
        // Nobody takes from a, which had 90 of its 60 only because b was not yet there.
        PolicyOutcome fixed = run("fixed", trace);
        assertThat(fixed.owners().get(0).spilledBytes()).isEqualTo(0);
        assertThat(fixed.owners().get(1).waitedNanos()).isEqualTo(40);
    }

    /// a may hold 60 under fixed: the rest of its 90 it writes to disk itself, without being asked.
    @Test
    void run_aboveTheCeiling_spillsItsOwn() {
        PolicyOutcome outcome =
                run(
                        "fixed(a=0.5)",
                        """
                        0 open 1 0 a
                        0 request 1 managed 50 required
                        0 reclaimable 1 managed 50 SPILL
                        10 request 1 managed 40 required
                        20 release 1 managed 45
                        60 close 1
                        60 end
                        """);
        assertThat(outcome.owners())
                .singleElement()
                .satisfies(
                        owner -> {
                            assertThat(owner.peakBytes()).isEqualTo(60);
                            assertThat(owner.waitedNanos()).isEqualTo(31);
                            assertThat(owner.spilledBytes()).isEqualTo(30);
                            assertThat(owner.spilledForItBytes()).isEqualTo(30);
                        });
        assertThat(outcome.makespanNanos()).isEqualTo(91);
    }

    /// Half of what a releases at the end is on disk, so half of it comes free.
    @Test
    void run_releaseOfWhatIsPartlyOnDisk_frees_inProportion() {
        SimulatedHolding holding = new SimulatedHolding(0);
        holding.grant(60, 0);
        holding.refuse(20, 0);
        holding.setReclaimable(Rung.SPILL, 40);
        holding.promise(Rung.SPILL, 30);
        assertThat(holding.reclaimableBytes()).isEqualTo(10);
        assertThat(holding.giveBack(Rung.SPILL, 30, 0)).isEqualTo(30);
        holding.release(40, 0);
        assertThat(holding.heldBytes()).isEqualTo(15);
        assertThat(holding.wantedBytes()).isEqualTo(40);
        holding.release(1_000, 0);
        assertThat(holding.wantedBytes()).isZero();
        assertThat(holding.heldBytes()).isZero();
    }

    @Test
    void run_nothingToGiveBack_failsAfterTheWait() {
        PolicyOutcome outcome =
                run(
                        "elastic",
                        """
                        0 open 1 0 a
                        0 open 2 0 b
                        0 request 1 managed 110 required
                        10 request 2 managed 10 required
                        20 request 2 managed 10 required
                        5000 close 1
                        5000 close 2
                        5000 end
                        """);
        OwnerOutcome failed = outcome.owners().get(1);
        assertThat(failed.failedNanos()).isEqualTo(1_020);
        assertThat(failed.waitedNanosMax()).isEqualTo(1_000);
        assertThat(outcome.owners().getFirst().failedNanos()).isNull();
    }

    /// An optional request is refused at once; its release later frees nothing that is not there.
    @Test
    void run_optional_isRefusedWithoutWaiting() {
        PolicyOutcome outcome =
                run(
                        "elastic",
                        """
                        0 open 1 0 a
                        0 open 2 0 b
                        0 request 1 managed 110 required
                        10 request 2 managed 20 optional
                        20 release 2 managed 20
                        30 request 2 managed 10 required
                        40 close 1
                        40 close 2
                        40 end
                        """);
        assertThat(outcome.owners().get(1).refusals()).isEqualTo(1);
        assertThat(outcome.owners().get(1).waits()).isZero();
        assertThat(outcome.owners().get(1).peakBytes()).isEqualTo(10);
    }

    /// What was refused when it was recorded is judged, not held; what waited then waits no more.
    @Test
    void run_answersOfTheRecordedRun_areTakenOff() {
        PolicyOutcome outcome =
                run(
                        "elastic",
                        """
                        0 open 1 0 a
                        0 request 1 managed 30 optional
                        0 refuse 1 managed 30
                        10 request 1 managed 20 required
                        90 grant 1 managed 20
                        100 close 1
                        100 end
                        """);
        assertThat(outcome.owners())
                .containsExactly(new OwnerOutcome("a", 0, 10, 20, 10, 0, 0, 0, 0, 0, 0, null));
        assertThat(outcome.makespanNanos()).isEqualTo(20);
    }

    @Test
    void run_guarantee_isKeptFreeForItsOwner() {
        String trace =
                """
                0 open 1 0 a
                0 guarantee 1 managed 50
                0 open 2 0 b
                10 request 2 managed 100 optional
                20 request 2 managed 70 optional
                30 request 1 managed 50 required
                40 close 1
                40 close 2
                40 end
                """;
        for (String policy : List.of("elastic", "priority", "fixed", "fair-share")) {
            PolicyOutcome outcome = run(policy, trace);
            assertThat(outcome.owners().get(0).waits()).as(policy).isZero();
            assertThat(outcome.owners().get(0).peakBytes()).as(policy).isEqualTo(50);
            assertThat(outcome.owners().get(1).peakBytes())
                    .as(policy)
                    .isEqualTo(policy.startsWith("f") ? 0 : 70);
        }
    }

    @Test
    void run_priority_takesFromTheLessImportantOnly() {
        String trace =
                """
                0 open 1 %d a
                0 open 2 1 b
                0 request 1 managed 110 required
                0 reclaimable 1 managed 110 SPILL
                10 request 2 managed 100 required
                500 close 1
                600 close 2
                600 end
                """;
        PolicyOutcome less = run("priority", trace.formatted(0));
        assertThat(less.owners().get(0).spilledBytes()).isEqualTo(90);
        assertThat(less.owners().get(1).waitedNanos()).isEqualTo(95);
        PolicyOutcome more = run("priority", trace.formatted(2));
        assertThat(more.owners().get(0).spilledBytes()).isZero();
        assertThat(more.owners().get(1).waitedNanos()).isEqualTo(490);
    }

    /// Managed memory has borrowed from the network, which gets it back from managed owners.
    @Test
    void run_networkWantsBackWhatItLent_managedOwnersGiveIt() {
        PolicyOutcome outcome =
                run(
                        "elastic",
                        """
                        0 open 1 0 state
                        0 open 2 0 exchange
                        0 request 1 managed 118 required
                        0 reclaimable 1 managed 100 CLEAN_STATE
                        10 request 2 network 20 required
                        500 close 1
                        500 close 2
                        500 end
                        """);
        assertThat(outcome.owners().get(1).waitedNanos()).isEqualTo(5);
        assertThat(outcome.owners().get(1).peakBytes()).isEqualTo(20);
        assertThat(outcome.owners().get(0).spilledBytes()).isZero();
        assertThat(outcome.pools())
                .extracting(PolicyOutcome.PoolOutcome::pool)
                .containsExactly("managed", "network");
    }

    /// b waits for 100; c passes it sixteen times, then waits behind it although it would fit.
    @Test
    void run_largeWaiter_isPassedByNoMoreThanSixteen() {
        StringBuilder trace =
                new StringBuilder(
                        """
                        0 open 1 0 a
                        0 open 2 0 b
                        0 open 3 0 c
                        0 request 1 managed 60 required
                        1 request 2 managed 100 required
                        """);
        for (int i = 0; i < 20; i++) {
            trace.append(10 + i).append(" request 3 managed 1 required\n");
        }
        trace.append("100 release 1 managed 60\n200 close 1\n200 close 3\n300 close 2\n300 end\n");
        PolicyOutcome outcome = run("elastic", trace.toString());
        assertThat(outcome.owners().get(1).waitedNanos()).isEqualTo(99);
        assertThat(outcome.owners().get(2).waits()).isEqualTo(1);
        assertThat(outcome.owners().get(2).waitedNanos()).isEqualTo(100 - 26);
    }

    /// The plan is checked by the simulation itself after every change.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void run_randomTraces_keepThePlanAndAreDeterministic(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 40; round++) {
            RecordedTrace trace = read(random(random.split()));
            for (String policy :
                    List.of("elastic", "fair-share", "fixed", "fixed(a*=0.5)", "priority")) {
                PolicyOutcome outcome = simulate(trace, policy);
                assertThat(simulate(trace, policy)).isEqualTo(outcome);
                int asked = outcome.owners().size();
                for (PolicyOutcome.PoolOutcome pool : outcome.pools()) {
                    assertThat(pool.jain()).isBetween(1.0 / asked - 1e-9, 1 + 1e-9);
                    assertThat(pool.peakBytes()).isLessThanOrEqualTo(pool.mostBytes());
                }
                assertThat(sum(outcome, false)).as(policy).isEqualTo(sum(outcome, true));
            }
        }
    }

    private static long sum(PolicyOutcome outcome, boolean forOthers) {
        return outcome.owners().stream()
                .mapToLong(o -> forOthers ? o.spilledForItBytes() : o.spilledBytes())
                .sum();
    }

    /// Owners that do anything at all, in all pools.
    private static String random(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int owners = 1 + random.nextInt(6);
        long[][] held = new long[owners][TraceFormat.POOLS.size()];
        for (int id = 1; id <= owners; id++) {
            text.append("0 open " + id + " " + random.nextInt(3) + " a" + random.nextInt(3) + "\n");
        }
        long now = 0;
        for (int step = 0; step < 200; step++) {
            now += random.nextInt(50);
            int owner = random.nextInt(owners);
            int pool = random.nextInt(3) > 0 ? random.nextInt(2) : random.nextInt(4);
            String place = " " + (owner + 1) + " " + TraceFormat.POOLS.get(pool) + " ";
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    long bytes = 1 + random.nextLong(pool == 0 ? 60 : 8);
                    boolean required = random.nextInt(3) > 0;
                    text.append(now + " request" + place + bytes)
                            .append(required ? " required\n" : " optional\n");
                    if (random.nextInt(5) == 0) {
                        now += random.nextInt(50);
                        boolean granted = random.nextBoolean();
                        text.append(now + (granted ? " grant" : " refuse") + place + bytes + "\n");
                        held[owner][pool] += granted ? bytes : 0;
                    } else {
                        held[owner][pool] += bytes;
                    }
                }
                case 2 -> {
                    if (held[owner][pool] > 0) {
                        long bytes = 1 + random.nextLong(held[owner][pool]);
                        held[owner][pool] -= bytes;
                        text.append(now + " release" + place + bytes + "\n");
                    }
                }
                case 3 -> {
                    Rung rung = Rung.values()[random.nextInt(4)];
                    text.append(now + " reclaimable" + place + random.nextInt(80) + " " + rung)
                            .append("\n");
                }
                default -> {
                    if (random.nextInt(8) == 0) {
                        text.append(now + " guarantee" + place + random.nextInt(10) + "\n");
                    }
                }
            }
        }
        return text.append(now).append(" end\n").toString();
    }

    private PolicyOutcome run(String policy, String events) {
        return simulate(read(events), policy);
    }

    private static PolicyOutcome simulate(RecordedTrace trace, String policy) {
        return new MemorySimulation(trace, AllocationPolicy.parse(policy), COSTS).run();
    }

    private RecordedTrace read(String events) {
        try {
            return RecordedTrace.read(
                    Files.writeString(directory.resolve("a.trace"), HEADER + events));
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }
}
