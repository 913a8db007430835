package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/// A guarded page answers each stale access with an exception and never ends the process, whoever
/// compiled the access. In processes of their own, since being wrong would end this one.
@EnabledIfSystemProperty(named = "aquifer.test.page-mode", matches = "mapped")
class GuardTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xint",
                "-Xbatch -XX:TieredStopAtLevel=1",
                "-Xbatch -XX:-TieredCompilation",
                "-Xbatch -XX:-TieredCompilation -da",
                "-da",
            })
    void staleAccess_interpretedOrCompiled_throws(String compiler)
            throws IOException, InterruptedException {
        ChildJvm child =
                ChildJvm.run(
                        "--enable-native-access=ALL-UNNAMED -Daquifer.memory.guard=true "
                                + compiler,
                        Main.class,
                        compiler.equals("-Xint") ? "1" : "20000");

        assertThat(child.output())
                .isEqualTo(
                        """
                        read: InternalError
                        write: InternalError
                        read once: InternalError
                        write once: InternalError
                        read acquire: InternalError
                        write release: InternalError
                        copy out: InternalError
                        copy in: InternalError
                        copy: InternalError
                        equals: InternalError
                        fill: InternalError
                        view read: InternalError
                        view write: InternalError
                        view mismatch: InternalError
                        io: Bad address
                        neighbours: untouched
                        committed again: zeros
                        closed with users left: InternalError
                        """);
        assertThat(child.exitCode()).isZero();
    }

    @Test
    void guard_everyPageOfALargeSpace_takesFewMappings() throws AddressSpaceException, IOException {
        PageSpace space = PageSpace.reserve(80_000);
        int before = mappings();
        for (int page = 0; page < 80_000; page++) {
            space.commit(page);
            assertThat(space.guard(page)).as("page %d", page).isTrue();
        }
        assertThat(mappings() - before).as("neighbours are one mapping").isLessThan(100);
        space.close(true);
    }

    private static int mappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).size();
    }

    /// Uses pages until the code is compiled, guards one, and uses it again.
    static final class Main {
        private static final int PAGE = PageSpace.PAGE_BYTES;
        private static final int LOOP = 1_024;
        private static final byte[] BYTES = new byte[PAGE];
        private static long sum;

        public static void main(String[] arguments) throws Exception {
            int rounds = Integer.parseInt(arguments[0]);
            PageSpace space = PageSpace.reserve(64);
            for (int page = 0; page < 64; page++) {
                space.commit(page);
                PageAccess.fill(space.address(page), PAGE, (byte) 7);
            }
            long stale = space.address(30);
            long other = space.address(40);
            try (Arena arena = Arena.ofShared();
                    FileChannel file = temporary()) {
                MemorySegment view = space.view(30, arena);
                MemorySegment otherView = space.view(40, arena);
                Map<String, Runnable> uses = new LinkedHashMap<>();
                uses.put("read", () -> sum += sumOf(stale));
                uses.put("write", () -> write(stale));
                uses.put("read once", () -> sum += PageAccess.getLong(stale + 8));
                uses.put("write once", () -> PageAccess.putByte(stale + 9, (byte) 1));
                uses.put("read acquire", () -> sum += PageAccess.getLongAcquire(stale));
                uses.put("write release", () -> PageAccess.putLongRelease(stale, 4));
                uses.put("copy out", () -> PageAccess.copy(stale, BYTES, 0, 1_000));
                uses.put("copy in", () -> PageAccess.copy(BYTES, 0, stale, 1_000));
                uses.put("copy", () -> PageAccess.copy(other, stale, 5_000));
                uses.put("equals", () -> sum += PageAccess.equals(stale, BYTES, 0, 99) ? 1 : 0);
                uses.put("fill", () -> PageAccess.fill(stale, PAGE, (byte) 0));
                uses.put("view read", () -> sum += view.get(ValueLayout.JAVA_LONG, 64));
                uses.put("view write", () -> view.set(ValueLayout.JAVA_INT, 64, 2));
                uses.put("view mismatch", () -> sum += otherView.mismatch(view));
                for (Runnable use : uses.values()) {
                    for (int round = 0; round < rounds; round++) {
                        use.run();
                    }
                }
                if (!space.guard(30)) {
                    throw new IllegalStateException("not guarded");
                }
                uses.forEach((name, use) -> System.out.println(name + ": " + outcome(use)));
                System.out.println("io: " + io(file, view));
            }
            boolean same =
                    PageAccess.getLong(space.address(29) + PAGE - 8) == 0x0707_0707_0707_0707L
                            && PageAccess.getLong(space.address(31)) == 0x0707_0707_0707_0707L;
            System.out.println("neighbours: " + (same ? "untouched" : "changed"));
            space.commit(30);
            System.out.println(
                    "committed again: " + (PageAccess.getLong(stale + 64) == 0 ? "zeros" : "not"));
            space.close(false);
            System.out.println(
                    "closed with users left: " + outcome(() -> sum += PageAccess.getLong(other)));
        }

        private static FileChannel temporary() throws IOException {
            Path file = Files.createTempFile("aquifer-guard", ".test");
            return FileChannel.open(
                    file, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }

        private static String outcome(Runnable use) {
            try {
                use.run();
                return "nothing";
            } catch (InternalError fault) {
                return "InternalError";
            }
        }

        private static String io(FileChannel channel, MemorySegment view) {
            try {
                channel.write(view.asByteBuffer());
                return "nothing";
            } catch (IOException refused) {
                return String.valueOf(refused.getMessage());
            }
        }

        private static long sumOf(long page) {
            long total = 0;
            for (int at = 0; at < LOOP; at += 8) {
                total += PageAccess.getLong(page + at);
            }
            return total;
        }

        private static void write(long page) {
            for (int at = 0; at < LOOP; at += 8) {
                PageAccess.putLong(page + at, at);
            }
        }
    }
}
