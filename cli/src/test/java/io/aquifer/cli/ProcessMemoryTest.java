package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.cli.ResidentPages.Range;
import io.aquifer.cli.VirtualMachine.NativeMemory;
import io.aquifer.memory.ArbitrationStatistics;
import io.aquifer.memory.MemoryStatistics;
import io.aquifer.memory.PageMode;
import io.aquifer.memory.PoolStatistics;
import io.aquifer.memory.Pressure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// The division of the resident set: against generated lists of mappings, and on this very process.
class ProcessMemoryTest {
    private static final List<Range> HEAP = List.of(new Range(0xf000_0000L, 0x1_0000_0000L));
    private static final List<Range> CODE =
            List.of(new Range(0x7f00_0000_0000L, 0x7f00_0100_0000L));

    @TempDir Path folder;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 20_260_101})
    void read_generatedMappings_putsEveryPageInItsClass(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        long[] expected = new long[5];
        String[] binaries = {
            "/jdk/lib/server/libjvm.so",
            "/lib/libc.so.6",
            "/a/start.aot",
            "/jdk/lib/server/classes_coh.jsa"
        };
        for (int mapping = 0; mapping < 500; mapping++) {
            int kind = random.nextInt(5);
            long address =
                    switch (kind) {
                        case 0 -> 0xf000_0000L + (random.nextLong(0x0fff_0000L) & ~0xfffL);
                        case 1 -> 0x7f00_0000_0000L + (random.nextLong(0xff_0000L) & ~0xfffL);
                        default -> 0x7f10_0000_0000L + (random.nextLong(1L << 36) & ~0xfffL);
                    };
            String path =
                    switch (kind) {
                        case 2 -> binaries[random.nextInt(binaries.length)];
                        case 3 -> "/data/" + "x".repeat(random.nextInt(300)) + ".parquet";
                        case 4 -> random.nextBoolean() ? "" : "[anon: AnonHugePages-1]";
                        default -> "";
                    };
            long kibi = random.nextInt(10_000);
            expected[kind] += kibi * 1024;
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%x-%x rw-p 00000000 00:00 0     %s%n",
                            address,
                            address + 4096,
                            path));
            text.append("Size:               4 kB\nRss:    ")
                    .append(kibi)
                    .append(" kB\nPss:  7 kB\nAnonHugePages: 0 kB\nVmFlags: rd wr\n");
        }
        Path smaps = Files.writeString(folder.resolve("smaps"), text);

        ResidentPages pages = ResidentPages.read(smaps, HEAP, CODE);

        assertThat(
                        new long[] {
                            pages.heapBytes(),
                            pages.codeBytes(),
                            pages.binaryBytes(),
                            pages.fileBytes(),
                            pages.anonymousBytes()
                        })
                .containsExactly(expected);
        assertThat(pages.totalBytes()).isEqualTo(Arrays.stream(expected).sum());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {4, 5, 6})
    void of_anyFigures_addsUpToTheResidentSetWithoutANegativePart(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            ResidentPages pages =
                    new ResidentPages(
                            size(random), size(random), size(random), size(random), size(random));
            NativeMemory machine =
                    new NativeMemory(
                            size(random),
                            size(random),
                            size(random),
                            size(random),
                            size(random),
                            size(random));
            MemoryBreakdown parts =
                    MemoryBreakdown.of(pages, machine, round % 3 == 0 ? null : ledger(random));
            for (MemoryPart part : MemoryPart.values()) {
                assertThat(parts.bytes(part)).as(part.label).isNotNegative();
            }
            assertThat(parts.totalBytes()).isEqualTo(pages.totalBytes());
            assertThat(parts.grownTo(pages.totalBytes() + 77).totalBytes())
                    .isEqualTo(pages.totalBytes() + 77);
        }
    }

    @Test
    void rows_ofThisProcess_addUpToItsHighWaterMark() throws IOException {
        ProcessMemory memory = new ProcessMemory(part -> 0);
        memory.sample(null, true);
        byte[][] ballast = new byte[64][];
        for (int block = 0; block < ballast.length; block++) {
            ballast[block] = new byte[1 << 20];
        }
        memory.sample(null, true);

        long before = highWaterMark();
        List<MemoryRow> rows = memory.rows();
        long after = highWaterMark();

        assertThat(ballast).isNotEmpty();
        assertThat(rows.stream().mapToLong(MemoryRow::atPeakBytes).sum()).isBetween(before, after);
        assertThat(rows.stream().mapToLong(MemoryRow::nowBytes).sum())
                .isEqualTo(memory.residentBytes());
        assertThat(memory.nowBytes(MemoryPart.HEAP)).isGreaterThan(64L << 20);
        assertThat(memory.nowBytes(MemoryPart.BINARIES)).isGreaterThan(8L << 20);
        assertThat(memory.nowBytes(MemoryPart.CODE_CACHE)).isPositive();
    }

    @Test
    void sample_withoutProc_leavesEmptyRows() {
        ProcessMemory memory =
                new ProcessMemory(folder.resolve("none"), new VirtualMachine(), part -> 1);
        memory.sample(null, true);
        assertThat(memory.peakBytes()).isZero();
        assertThat(memory.rows()).allMatch(row -> row.peakBytes() == 0 && row.budgetBytes() == 1);
    }

    @Test
    void parse_reportOfTheTracker_countsEachAreaOnce() {
        NativeMemory memory =
                VirtualMachine.parse(
                        """
                        Total: reserved=100KB, committed=100KB
                        -                 Java Heap (reserved=131072KB, committed=1000KB)
                                                    (mmap: reserved=131072KB, committed=1000KB, at peak)
                        -                     Class (reserved=1048698KB, committed=826KB)
                                                    (malloc=122KB tag=Class #2382) (peak=122KB #2383)
                                                    (mmap: reserved=1048576KB, committed=704KB, at peak)
                        -                    Thread (reserved=14385KB, committed=893KB)
                                                    (stack: reserved=14336KB, committed=844KB, peak=844KB)
                        -                      Code (reserved=248128KB, committed=7984KB)
                                                    (mmap: reserved=247692KB, committed=7548KB, at peak)
                        -                        GC (reserved=432KB, committed=432KB)
                        -                  Compiler (reserved=4067KB, committed=4067KB)
                        -                     Other (reserved=34KB, committed=34KB)
                        -               Arena Chunk (reserved=4516KB, committed=4516KB)
                        -                 Metaspace (reserved=65550KB, committed=2766KB)
                                                    (mmap: reserved=65536KB, committed=2752KB, at peak)
                        """);
        assertThat(memory.metaspaceBytes()).isEqualTo((704 + 2752) * 1024L);
        assertThat(memory.stackBytes()).isEqualTo(844 * 1024L);
        assertThat(memory.compilerBytes()).isEqualTo((4067 + 4516) * 1024L);
        assertThat(memory.collectorBytes()).isEqualTo(432 * 1024L);
        assertThat(memory.otherBytes()).isEqualTo((122 + 49 + 436 + 34 + 14) * 1024L);
        assertThat(memory.bufferBytes()).isEqualTo(34 * 1024L);
    }

    private static long highWaterMark() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024L;
            }
        }
        throw new AssertionError("no VmHWM");
    }

    private static long size(SplittableRandom random) {
        return random.nextInt(4) == 0 ? 0 : random.nextLong(1L << 30);
    }

    private static MemoryStatistics ledger(SplittableRandom random) {
        long managed = size(random);
        long network = size(random);
        return new MemoryStatistics(
                managed + network,
                managed + network,
                List.of(
                        new PoolStatistics("managed", managed, managed / 2, managed, managed),
                        new PoolStatistics("network", network, network / 3, network, network)),
                0,
                List.of(),
                managed + network + size(random),
                List.of(),
                random.nextBoolean() ? PageMode.MAPPED : PageMode.PORTABLE,
                Pressure.LOW,
                new ArbitrationStatistics("elastic", 0, 0, false));
    }
}
