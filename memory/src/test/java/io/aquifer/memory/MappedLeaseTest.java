package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Files read through windows that are charged while they are mapped, against the bytes themselves.
class MappedLeaseTest {
    private static final int WINDOW = 16 * 1024;
    private static final int WINDOWS_THAT_FIT = 3;

    @TempDir private Path folder;

    private final MemoryManager manager =
            MemoryManager.create(
                    new MemoryPlan(
                            WINDOWS_THAT_FIT * WINDOW, 0, 0, WINDOWS_THAT_FIT * WINDOW, 0, 0, 0));
    private final MemoryScope scope = manager.openScope("task");

    @AfterEach
    void everythingComesBack() {
        scope.closeAndReport();
        assertThat(manager.statistics().heldBytes()).isZero();
        manager.close();
    }

    private byte[] write(int bytes) throws IOException {
        byte[] contents = new byte[bytes];
        new SplittableRandom(5).nextBytes(contents);
        Files.write(folder.resolve("data.bin"), contents);
        return contents;
    }

    private MappedLease open() throws IOException {
        return scope.mapFile(manager.operation(), "data", folder.resolve("data.bin"), WINDOW);
    }

    @Test
    void read_anywhere_inAFileLargerThanThePool_givesTheBytesAndStaysWithinIt() throws IOException {
        byte[] contents = write(20 * WINDOW + 777);
        SplittableRandom random = new SplittableRandom(11);
        try (MappedLease lease = open()) {
            assertThat(lease.heldBytes()).isZero();
            for (int i = 0; i < 500; i++) {
                int length = random.nextInt(3 * WINDOW);
                int offset = random.nextInt(contents.length - length);
                byte[] read = new byte[length];
                lease.read(offset, read, 0, length);

                assertThat(read).isEqualTo(Arrays.copyOfRange(contents, offset, offset + length));
                assertThat(lease.heldBytes()).isBetween(0L, (long) WINDOWS_THAT_FIT * WINDOW);
            }
        }
        assertThat(manager.operation().heldBytes()).isZero();
    }

    @Test
    void read_notOneWindowFits_isExplainedAndReadsLater() throws IOException {
        write(4 * WINDOW);
        try (MappedLease lease = open();
                ByteLease other = scope.leaseBytes(manager.operation(), "buffers")) {
            other.reserve((WINDOWS_THAT_FIT - 1) * WINDOW + 1);

            assertThatThrownBy(() -> lease.read(0, new byte[1], 0, 1))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageStartingWith(
                            "cannot allocate 16.0 KiB for 'task / data': pool 'operation' has");
            other.release(1);
            lease.read(0, new byte[1], 0, 1);

            assertThat(lease.heldBytes()).isEqualTo(WINDOW);
        }
    }

    @Test
    void read_outsideTheFileOrAfterTheEnd_isRefused() throws IOException {
        write(WINDOW);
        try (MappedLease lease = open()) {
            for (long offset : new long[] {-1, WINDOW, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> lease.read(offset, new byte[1], 0, 1))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            lease.read(0, new byte[1], 0, 1);
            scope.closeAndReport();
            assertThatThrownBy(() -> lease.read(0, new byte[1], 0, 1))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessageContaining("its scope ended");
        }
    }

    @Test
    void mapFile_missing_isNamedAndNothingIsLeased() {
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("data.bin");
        assertThat(scope.leaks()).isEmpty();
    }
}
