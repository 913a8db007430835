package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class MachineMemoryTest {
    @TempDir Path folder;

    @Test
    void check_budgetAboveTheMachine_isRefusedWithItsSize() throws IOException {
        MachineMemory memory = machine(4_194_304, "0::/\n");
        assertThatNoException().isThrownBy(() -> memory.check(4L << 30, "--memory 4g"));
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> memory.check((4L << 30) + 1, "--memory 5g"))
                .withMessageStartingWith(
                        "--memory 5g is more than this machine's memory of 4.0 GiB.")
                .withMessageContaining("--memory 4096m");
    }

    @Test
    void check_limitOfVersion2OnAParentGroup_isFound() throws IOException {
        write("cgroup/pod/memory.max", "536870912\n");
        write("cgroup/pod/job/memory.max", "max\n");
        MachineMemory memory = machine(4_194_304, "0::/pod/job\n");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> memory.check(1L << 30, "--memory 1g"))
                .withMessageContaining("the container's limit (")
                .withMessageContaining("pod/memory.max) of 512.0 MiB")
                .withMessageContaining("--memory 512m");
    }

    @Test
    void check_limitOfVersion1_isFoundAndTheUnlimitedValueIsNot() throws IOException {
        write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("cgroup/memory/a/memory.limit_in_bytes", "268435456\n");
        MachineMemory memory = machine(4_194_304, "5:cpu:/\n4:memory:/a\n");
        assertThatNoException().isThrownBy(() -> memory.check(256L << 20, "--memory 256m"));
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> memory.check(257L << 20, "--memory 257m"))
                .withMessageContaining("a/memory.limit_in_bytes) of 256.0 MiB");
    }

    @Test
    void read_groupPathOutsideTheMount_usesTheMountsOwnLimit() throws IOException {
        write("cgroup/memory.max", "1073741824\n");
        MachineMemory memory = machine(4_194_304, "0::/../../host/path\n");
        assertThat(memory.limits().limits()).noneMatch(limit -> limit.bytes() > 4L << 30);
    }

    @Test
    void read_nothingReadable_setsNoLimit() {
        MachineMemory memory = MachineMemory.read(folder.resolve("none"), folder.resolve("none"));
        assertThat(memory.limits().limits()).isEmpty();
        assertThatNoException().isThrownBy(() -> memory.check(Long.MAX_VALUE, "--memory all"));
    }

    private MachineMemory machine(long kibi, String groups) throws IOException {
        write("proc/meminfo", "MemTotal:       " + kibi + " kB\nMemFree:        1 kB\n");
        write("proc/self/cgroup", groups);
        return MachineMemory.read(folder.resolve("proc"), folder.resolve("cgroup"));
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
