package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The poison mode finds who writes to a page after its release; the books stay right. In a process
/// of its own, since the mode is decided once.
class PoisonModeTest {

    /// Writes late, and says what the next allocation says of it.
    static final class Late {
        private Late() {}

        public static void main(String[] args) {
            MemoryOptions options = MemoryOptions.DEFAULTS.withoutPurging();
            MemoryManager manager = MemoryManager.create(Plans.managedOnly(64), options);
            MemoryScope scope = manager.openScope("task");
            PageLease lease = scope.leasePages(manager.managed(), "cells");
            long[] pages = lease.allocatePages(8);
            for (long page : pages) {
                lease.releasePage(page);
            }
            io.aquifer.memory.kernel.PageAccess.putLong(pages[3] + 40, 7);
            PoolStatistics before = manager.statistics().managed();
            try {
                lease.allocatePages(8);
                System.out.println("not found");
            } catch (MemoryUseException found) {
                System.out.println(
                        found.getMessage().replace(Long.toHexString(pages[3] + 40), "PLACE"));
            }
            System.out.println("same books " + before.equals(manager.statistics().managed()));
            scope.closeAndReport();
            manager.close();
        }
    }

    @Test
    void pageWrittenAfterItsRelease_isFoundAtItsNextUse() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of(
                        "-Daquifer.memory.poison=true",
                        "-ea",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path")));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add(Late.class.getName());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output)
                .contains("somebody wrote to address 0xPLACE after its page was released.")
                .contains("same books true");
    }
}
