package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What is read of a kernel below a made-up root, and what becomes of files that are not there.
class KernelFactsTest {
    @TempDir private Path root;

    @Test
    void read_everythingThere_isOneLineForTheLog() throws IOException {
        auxiliaryVector(65_536);
        write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        write("sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none", "511\n");
        write("proc/sys/vm/overcommit_memory", "2\n");
        write("proc/sys/vm/max_map_count", "65530\n");
        write("proc/self/cgroup", "0::/system.slice/job\n");
        write("sys/fs/cgroup/system.slice/job/memory.max", "max\n");
        write("sys/fs/cgroup/system.slice/memory.max", "536870912\n");

        KernelFacts facts = KernelFacts.read(root);

        assertThat(facts).isEqualTo(new KernelFacts(65_536, "madvise", 511, 2, 65_530, 512L << 20));
        assertThat(facts.text())
                .isEqualTo(
                        "page 64 KiB, huge pages madvise, max_ptes_none 511, overcommit_memory 2,"
                                + " max_map_count 65530, memory limit of the control group 512"
                                + " MiB");
        assertThat(facts.allowsHugePages()).isTrue();
        assertThat(facts.dividesPages()).isFalse();
    }

    @Test
    void read_nothingThere_knowsNothing() {
        KernelFacts facts = KernelFacts.read(root.resolve("none"));

        assertThat(facts).isEqualTo(KernelFacts.none());
        assertThat(facts.text())
                .isEqualTo(
                        "page unknown, huge pages unknown, max_ptes_none unknown,"
                                + " overcommit_memory unknown, max_map_count unknown, memory limit"
                                + " of the control group unknown");
        assertThat(facts.dividesPages()).as("not a reason to decline").isTrue();
        assertThat(facts.allowsHugePages()).as("worth asking").isTrue();
    }

    @Test
    void read_filesOfAnotherForm_knowsNothing() throws IOException {
        write("proc/self/auxv", "short");
        write("sys/kernel/mm/transparent_hugepage/enabled", "what");
        write("proc/sys/vm/overcommit_memory", "minus one");
        Files.createDirectories(root.resolve("proc/sys/vm/max_map_count"));
        write("proc/self/cgroup", "nonsense\n7:cpu:/a\n");

        assertThat(KernelFacts.read(root))
                .isEqualTo(new KernelFacts(-1, "unknown", -1, -1, -1, Long.MAX_VALUE));
    }

    @Test
    void read_controlGroupsOfVersion1_takesTheSmallestLimitOnTheWay() throws IOException {
        write("proc/self/cgroup", "5:cpu,memory:/a/b\n1:name=systemd:/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1073741824\n");
        write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "2147483648\n");

        assertThat(KernelFacts.read(root).groupLimitBytes()).isEqualTo(1L << 30);
    }

    @Test
    void read_groupOutsideTheMount_isNotFollowed() throws IOException {
        write("proc/self/cgroup", "0::/../../secret\n");
        write("secret/memory.max", "1\n");

        assertThat(KernelFacts.read(root).groupLimitBytes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void read_hugePagesNever_allowsNone() throws IOException {
        write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]");

        assertThat(KernelFacts.read(root).allowsHugePages()).isFalse();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void kernel_ofThisMachine_isWhatOtherProgramsRead() throws IOException {
        KernelFacts facts = AddressSpace.kernel();

        assertThat(facts.pageBytes()).hasToString(output("getconf", "PAGESIZE"));
        assertThat(facts.maxMapCount()).hasToString(output("cat", "/proc/sys/vm/max_map_count"));
        assertThat(facts.overcommitMemory())
                .hasToString(output("cat", "/proc/sys/vm/overcommit_memory"));
    }

    private static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private void auxiliaryVector(long pageBytes) throws IOException {
        ByteBuffer pairs = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
        pairs.putLong(3).putLong(4_242).putLong(6).putLong(pageBytes).putLong(0).putLong(0);
        Path file = root.resolve("proc/self/auxv");
        Files.createDirectories(root.resolve("proc/self"));
        Files.write(file, pairs.array());
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, text);
    }
}
