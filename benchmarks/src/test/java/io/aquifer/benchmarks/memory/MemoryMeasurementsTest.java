package io.aquifer.benchmarks.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.aquifer.benchmarks.ProcessSize;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Rung;
import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;

/// The parts of the memory measurements, and how they are asked for.
class MemoryMeasurementsTest {
    @TempDir Path directory;

    @Test
    void dip_neighbourThatLosesHalf_isSeenAgainstItsUsualPace() {
        long[] buckets = new long[100];
        Arrays.fill(buckets, 1000);
        buckets[20] = 900; // noise before
        buckets[50] = 500;
        buckets[51] = 750;
        Dip dip = Dip.around(buckets, 50, 40, 5);
        assertThat(dip.worst()).isEqualTo(0.5, within(1e-12));
        assertThat(dip.mean()).isEqualTo(0.15, within(1e-12));
        assertThat(dip.usual()).isEqualTo(0.1, within(1e-12));
        assertThatThrownBy(() -> Dip.around(buckets, 50, 60, 5))
                .hasMessage("buckets -10 to 55 are not all among the 100 there are");
        assertThatThrownBy(() -> Dip.around(new long[10], 5, 5, 5))
                .hasMessage("the neighbour did nothing before the event");
    }

    /// Half of all requests are for one page, and few are large: that is what heavy-tailed means.
    @Test
    void requestPages_manyDraws_areHeavyTailedAndBounded() {
        SplittableRandom random = new SplittableRandom(1);
        int[] requests = new int[100_000];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = GreedyTask.requestPages(random.nextDouble(), 1000);
        }
        Arrays.sort(requests);
        assertThat(requests[0]).isEqualTo(1);
        assertThat(requests[requests.length / 2]).isEqualTo(1);
        assertThat(requests[requests.length - 1]).isEqualTo(1000);
        assertThat(GreedyTask.requestPages(0, 1000)).isEqualTo(1);
        assertThat(GreedyTask.requestPages(Math.nextDown(1.0), 1000)).isEqualTo(1000);
    }

    @Test
    void spillFile_writes_holdWhatThePagesHeldAndGoAway() throws IOException {
        try (MemoryManager manager = Budgets.create(Budgets.MIB * 2);
                MemoryScope scope = manager.openScope("test");
                PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            long[] pages = new long[40]; // more than one chunk
            for (int i = 0; i < pages.length; i++) {
                pages[i] = lease.allocatePage();
                PageAccess.putLong(pages[i], i);
                PageAccess.putLong(pages[i] + Budgets.PAGE_BYTES - 8, -i);
            }
            try (SpillFile file = SpillFile.create(directory)) {
                file.write(pages, 3, 37);
                assertThat(file.writtenBytes()).isEqualTo(37L * Budgets.PAGE_BYTES);
                assertThat(file.nanos()).isPositive();
                Path written;
                try (var found = Files.list(directory)) {
                    written = found.findFirst().orElseThrow();
                }
                ByteBuffer content =
                        ByteBuffer.wrap(Files.readAllBytes(written)).order(ByteOrder.nativeOrder());
                assertThat(content.capacity()).isEqualTo(37 * Budgets.PAGE_BYTES);
                for (int i = 0; i < 37; i++) {
                    assertThat(content.getLong(i * Budgets.PAGE_BYTES)).isEqualTo(i + 3);
                    assertThat(content.getLong((i + 1) * Budgets.PAGE_BYTES - 8)).isEqualTo(-i - 3);
                }
            }
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void holdingTask_started_holdsAllAndGivesBackWhatItIsAskedFor() throws Exception {
        try (MemoryManager manager = Budgets.create(Budgets.MIB)) {
            HoldingTask task = HoldingTask.start(manager, Rung.IDLE_PAGES, null);
            assertThat(manager.managed().heldBytes()).isEqualTo(Budgets.MIB);
            assertThat(task.reclaimableBytes()).isEqualTo(Budgets.MIB);
            // Nobody else asks, so this thread may.
            task.reclaim(3 * Budgets.PAGE_BYTES - 1);
            assertThat(task.reclaims()).isEqualTo(1);
            assertThat(manager.managed().heldBytes())
                    .isEqualTo(Budgets.MIB - 3 * Budgets.PAGE_BYTES)
                    .isEqualTo(task.reclaimableBytes());
            task.reclaim(Long.MAX_VALUE / 2);
            assertThat(task.reclaimableBytes()).isZero();
            task.close();
            assertThat(manager.managed().heldBytes()).isZero();
        }
    }

    @Test
    void holdingTask_thatSpills_writesBeforeItGivesBack() throws Exception {
        try (MemoryManager manager = Budgets.create(Budgets.MIB);
                SpillFile file = SpillFile.create(directory)) {
            HoldingTask task = HoldingTask.start(manager, Rung.SPILL, file);
            task.reclaim(Budgets.PAGE_BYTES);
            assertThat(file.writtenBytes()).isEqualTo(Budgets.PAGE_BYTES);
            assertThat(manager.managed().heldBytes()).isEqualTo(Budgets.MIB - Budgets.PAGE_BYTES);
            task.close();
        }
    }

    @Test
    void churnTask_anySeed_acquiresItsGoalWithinItsShare() {
        try (MemoryManager manager = Budgets.create(Budgets.MIB)) {
            ChurnTask task = ChurnTask.start(manager, new ReentrantLock(), 7, 32, 10_000);
            task.close();
            assertThat(task.acquiredPages()).isBetween(10_000L, 10_063L);
            assertThat(manager.managed().heldBytes()).isZero();
            assertThat(manager.managed().heldBytesMax()).isBetween(1L, Budgets.MIB);
        }
    }

    @Test
    void processSize_ofSelf_isNearTheKernelsOtherFigure() throws IOException {
        try (ProcessSize size = ProcessSize.ofSelf()) {
            long resident = size.residentBytes();
            String status = Files.readString(Path.of("/proc/self/status"));
            long other = ProcessSize.statusBytes(status, "VmRSS:");
            assertThat(resident).isBetween(other / 2, other * 2);
        }
        assertThat(ProcessSize.statusBytes("VmHWM:\t  12 kB\nVmRSS:\t 7 kB\n", "VmRSS:"))
                .isEqualTo(7 * 1024);
        assertThat(ProcessSize.statusBytes("State: Z", "VmRSS:")).isZero();
    }

    @Test
    void budgets_policyThatManagersCannotBeGiven_isRefused() {
        assertThatThrownBy(() -> Budgets.create(1 << 20, 0, "fairest"))
                .isInstanceOf(MemoryConfigurationException.class)
                .hasMessageContaining("there is no allocation policy 'fairest'");
    }

    @Test
    void options_badOnes_areNamed() {
        assertThatThrownBy(() -> MemoryOptions.parse(List.of("stop")))
                .hasMessage(
                        "there is no measurement 'stop'; there are [start, grants, reclaims,"
                                + " task-end, churn, access, fairness, state, state-g1,"
                                + " state-snapshot]");
        assertThatThrownBy(() -> MemoryOptions.parse(List.of("churn", "start", "gib=2")))
                .hasMessage("'gib=2' is for one measurement alone; name it, and no other");
        assertThatThrownBy(() -> MemoryOptions.parse(List.of("--rounds", "none")))
                .hasMessage("--rounds needs a whole number of at least 1, not 'none'");
        assertThatThrownBy(() -> EndToEndOptions.parse(List.of("--mib", "-1"), 1, 1, "x"))
                .hasMessage("--mib needs a number above 0, not '-1'");
        assertThatThrownBy(() -> EndToEndOptions.parse(List.of(), 1, 1, "x").classPath("flink"))
                .hasMessage("--class-path flink=... is missing; given are []");
    }

    @Test
    void options_quick_goesToAnotherFileWithOneRound() {
        MemoryOptions options =
                MemoryOptions.parse(List.of("start", "--quick", "--home", "/home/x", "mib=64"));
        assertThat(options.results()).isEqualTo(Path.of("/home/x/benchmarks/target/memory.jsonl"));
        assertThat(options.rounds(Measurement.named("start"))).isEqualTo(1);
        assertThat(MemoryOptions.parse(List.of()).rounds(Measurement.named("start"))).isEqualTo(9);
        EndToEndOptions reach =
                EndToEndOptions.parse(List.of("--quick", "--factors", "0.5,2"), 256, 64, "r.jsonl");
        assertThat(reach.mib()).isEqualTo(64);
        assertThat(reach.factors()).containsExactly(0.5, 2.0);
    }

    @Test
    void measurement_argumentsOfTheSameName_lastOneStands() {
        Measurement reclaims = Measurement.named("reclaims");
        assertThat(reclaims.arguments(List.of("rung=spill", "cycles=5"), true, List.of("mib=32")))
                .containsExactly("rung=spill", "cycles=2", "mib=32");
        assertThatThrownBy(() -> reclaims.command("java", Map.of(), List.of()))
                .hasMessage("measurement 'reclaims' needs --class-path aquifer=...; given are []");
    }

    @Test
    void table_severalRounds_showsMedianExtremesAndTexts() {
        String table =
                MemoryTable.of(
                        "grants",
                        List.of(
                                new ResultLine(Map.of("what", "free", "p50", 30L)),
                                new ResultLine(Map.of("what", "free", "p50", 10L)),
                                new ResultLine(Map.of("what", "free", "p50", 20L)),
                                new ResultLine(Map.of("what", "idle", "refusal", "no room"))));
        assertThat(table)
                .contains("grants free, 3 rounds", "20 (10 - 30)")
                .contains("grants idle, 1 round:", "refusal: no room");
    }

    @Test
    void sampleFile_written_isReadBackWithoutItsHeader() throws IOException {
        SampleFile samples = new SampleFile("millis", "bytes");
        samples.add(1.5, 7L);
        samples.add(2, "x");
        Path file = directory.resolve("new").resolve("samples.csv");
        samples.write(file);
        assertThat(Files.readString(file)).isEqualTo("millis,bytes\n1.5,7\n2,x\n");
        assertThat(SampleFile.read(file))
                .containsExactly(new String[] {"1.5", "7"}, new String[] {"2", "x"});
        assertThatThrownBy(() -> samples.add("a,b")).hasMessage("a sample has no comma: 'a,b'");
    }
}
