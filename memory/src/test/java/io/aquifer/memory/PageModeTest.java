package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Which mode a process gets from its flags, in processes of their own, and that none prints a
/// warning.
@EnabledOnOs(OS.LINUX)
class PageModeTest {

    @Test
    void statistics_inThisProcess_showTheModeTheBuildAskedFor() {
        try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(4))) {
            assertThat(manager.statistics().pageMode())
                    .hasToString(System.getProperty("aquifer.test.page-mode", "mapped"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mapped, --enable-native-access=ALL-UNNAMED",
        "mapped, --enable-native-access=ALL-UNNAMED -Daquifer.memory.huge-pages=always",
        "mapped, --enable-native-access=ALL-UNNAMED -Daquifer.memory.huge-pages=never",
        "portable, --enable-native-access=ALL-UNNAMED -Daquifer.memory.mode=portable",
        "portable, --illegal-native-access=deny",
        "portable, -Daquifer.memory.mode=portable",
        "portable, -Daquifer.memory.mode=mapped",
        "portable, ''",
    })
    void process_withFlags_runsInTheirModeSilently(String mode, String flags)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        if (!flags.isEmpty()) {
            command.addAll(List.of(flags.split(" ")));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).isEqualTo("77 " + mode + "\n");
    }

    /// Writes a page and says in which mode.
    static final class Main {
        public static void main(String[] arguments) {
            try (MemoryManager manager = MemoryManager.create(Plans.managedOnly(4));
                    MemoryScope scope = manager.openScope("main");
                    PageLease lease = scope.leasePages(manager.managed(), "page")) {
                long page = lease.allocatePage();
                PageAccess.putLong(page, 77);
                System.out.print(
                        PageAccess.getLong(page) + " " + manager.statistics().pageMode() + "\n");
            }
        }
    }
}
