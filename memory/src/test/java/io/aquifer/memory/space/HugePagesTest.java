package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/// What the kernel was told of huge pages, as it says itself in `/proc/self/smaps`: `hg` asks for
/// them, `nh` declines them.
@EnabledIfSystemProperty(named = "aquifer.test.page-mode", matches = "mapped")
class HugePagesTest {
    private static final int EXTENT = PageSpace.HUGE_EXTENT_PAGES;

    @ParameterizedTest
    @CsvSource({"EXTENTS, nh", "NEVER, nh", "ALWAYS, hg", "SYSTEM, ''"})
    void reserve_underEachPolicy_tellsTheKernel(HugePages policy, String flag)
            throws AddressSpaceException, IOException {
        assumeHugePages();
        PageSpace space = reserve(3 * EXTENT, policy);

        assertThat(adviceAt(space.address(0))).isEqualTo(flag);
        assertThat(adviceAt(space.address(3 * EXTENT - 1))).isEqualTo(flag);
        assertThat(space.preferHuge(0)).isEqualTo(policy == HugePages.EXTENTS);
        space.close(true);
    }

    @Test
    void preferHuge_wholeExtent_lastsUntilOneOfItsPagesGoes()
            throws AddressSpaceException, IOException {
        assumeHugePages();
        PageSpace space = reserve(4 * EXTENT, HugePages.EXTENTS);
        assertThat(space.preferHuge(EXTENT)).isTrue();
        assertThat(space.preferHuge(2 * EXTENT)).isTrue();
        assertThat(adviceAt(space.address(EXTENT - 1))).isEqualTo("nh");
        assertThat(adviceAt(space.address(EXTENT))).isEqualTo("hg");
        assertThat(adviceAt(space.address(3 * EXTENT - 1))).isEqualTo("hg");
        assertThat(adviceAt(space.address(3 * EXTENT))).isEqualTo("nh");
        for (int page = EXTENT; page < 3 * EXTENT; page++) {
            space.commit(page);
            PageAccess.putLong(space.address(page), page);
        }

        space.decommit(new int[] {EXTENT + 7}, 0, 1);

        assertThat(adviceAt(space.address(EXTENT))).isEqualTo("nh");
        assertThat(adviceAt(space.address(2 * EXTENT))).as("its neighbour").isEqualTo("hg");
        assertThat(space.residentBytes()).isEqualTo((2L * EXTENT - 1) * PageSpace.PAGE_BYTES);
        for (int page = EXTENT; page < 3 * EXTENT; page++) {
            assertThat(PageAccess.getLong(space.address(page)))
                    .isEqualTo(page == EXTENT + 7 ? 0 : page);
        }
        int[] all = IntStream.range(2 * EXTENT, 3 * EXTENT).toArray();
        space.decommit(all, 0, EXTENT);
        assertThat(adviceAt(space.address(2 * EXTENT))).isEqualTo("nh");
        space.close(true);
    }

    @Test
    void preferHuge_kernelHasNone_isNotAsked() throws AddressSpaceException {
        FailingCalls calls = new FailingCalls();
        KernelFacts never = new KernelFacts(4096, "never", 511, 0, 65_530, -1);
        PageSpace space = MappedSpace.reserve(EXTENT, calls, never, HugePages.EXTENTS);
        assertThat(space.preferHuge(0)).isFalse();
        assertThat(calls.count("advise " + MemoryCalls.MADV_HUGEPAGE)).isZero();
        space.close(true);
    }

    @Test
    void preferHuge_noWholeExtent_throws() throws AddressSpaceException {
        PageSpace space = reserve(2 * EXTENT - 1, HugePages.EXTENTS);
        for (int page : List.of(-EXTENT, 1, EXTENT - 1, EXTENT, 2 * EXTENT)) {
            assertThatThrownBy(() -> space.preferHuge(page))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no extent of 64 pages starts at page " + page + " of 127");
        }
        space.close(true);
    }

    @Test
    void unguard_underThePolicy_declinesHugePagesAgain() throws AddressSpaceException, IOException {
        assumeHugePages();
        PageSpace space = reserve(EXTENT, HugePages.EXTENTS);
        space.commit(5);
        assertThat(space.guard(5)).isTrue();
        space.unguard(5);
        assertThat(adviceAt(space.address(5))).isEqualTo("nh");
        space.close(true);
    }

    @Test
    void reserve_unknownPolicy_isExplained() {
        System.setProperty(HugePages.PROPERTY, "sometimes");
        try {
            assertThatThrownBy(() -> PageSpace.reserve(1))
                    .isInstanceOf(AddressSpaceException.class)
                    .hasMessage(
                            "aquifer.memory.huge-pages is 'sometimes'; it must be extents, never,"
                                    + " always or system");
        } finally {
            System.clearProperty(HugePages.PROPERTY);
        }
    }

    private static PageSpace reserve(int pages, HugePages policy) throws AddressSpaceException {
        return MappedSpace.reserve(pages, LinuxMemory.CALLS, AddressSpace.kernel(), policy);
    }

    private static void assumeHugePages() {
        String kernel = AddressSpace.kernel().hugePages();
        assumeTrue(kernel.equals("madvise") || kernel.equals("always"), "a kernel with huge pages");
    }

    /// `hg`, `nh` or nothing, for the mapping around `address`.
    private static String adviceAt(long address) throws IOException {
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                int dash = line.indexOf('-');
                long from = Long.parseUnsignedLong(line.substring(0, dash), 16);
                long to = Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16);
                inside = address >= from && address < to;
            } else if (inside && line.startsWith("VmFlags:")) {
                List<String> flags = List.of(line.substring(8).strip().split(" "));
                return flags.contains("hg") ? "hg" : flags.contains("nh") ? "nh" : "";
            }
        }
        throw new IllegalStateException("no mapping at 0x" + Long.toHexString(address));
    }
}
