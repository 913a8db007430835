package io.aquifer.memory.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Reads through windows against the file's bytes in an array; and files that are not what a reader
/// relies on.
class MappedFileTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"1, 4096", "100000, 4096", "100000, 1000", "65536, 65536", "65537, 65536", "9, 1"})
    void read_anyRange_isWhatTheFileHolds(int size, int window) throws IOException {
        SplittableRandom random = new SplittableRandom(size);
        byte[] model = new byte[size];
        random.nextBytes(model);
        try (MappedFile file = MappedFile.open(write(model), window)) {
            assertThat(file.sizeBytes()).isEqualTo(size);
            assertThat(file.windowCount()).isEqualTo((size + window - 1) / window);
            assertThat(file.mappedBytes()).isZero();
            for (int step = 0; step < 500; step++) {
                int at = random.nextInt(size + 1);
                int length = random.nextInt(size - at + 1);
                byte[] read = new byte[length + 5];
                file.read(at, read, 5, length);
                assertThat(Arrays.copyOfRange(read, 5, length + 5))
                        .isEqualTo(Arrays.copyOfRange(model, at, at + length));
                if (random.nextInt(3) == 0) {
                    int unmapped = random.nextInt(file.windowCount());
                    file.unmap(unmapped);
                    assertThat(file.isMapped(unmapped)).isFalse();
                }
                long mapped = 0;
                for (int index = 0; index < file.windowCount(); index++) {
                    mapped += file.isMapped(index) ? file.windowBytes(index) : 0;
                }
                assertThat(file.mappedBytes()).isEqualTo(mapped);
            }
        }
    }

    @Test
    void read_outsideTheFileOrTheArray_throwsAndMapsNothing() throws IOException {
        try (MappedFile file = MappedFile.open(write(new byte[100]), 4096)) {
            byte[] to = new byte[10];
            long[][] ranges = {
                {-1, 0, 5},
                {96, 0, 5},
                {101, 0, 0},
                {Long.MAX_VALUE, 0, 5},
                {0, -1, 5},
                {0, 6, 5},
                {0, 0, -1},
                {0, 0, 11},
                {Long.MIN_VALUE, 0, Integer.MAX_VALUE},
            };
            for (long[] range : ranges) {
                assertThatThrownBy(() -> file.read(range[0], to, (int) range[1], (int) range[2]))
                        .as(Arrays.toString(range))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThat(file.mappedBytes()).isZero();
        }
    }

    @Test
    void open_whatIsNoFinishedFile_isExplained() throws IOException {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> MappedFile.open(missing, 4096))
                .isInstanceOf(MappedFileException.class)
                .hasMessage("cannot map " + missing + ": it does not exist.");
        assertThatThrownBy(() -> MappedFile.open(folder, 4096))
                .isInstanceOf(MappedFileException.class)
                .hasMessage("cannot map " + folder + ": it is not a regular file.");
        Path empty = write(new byte[0]);
        assertThatThrownBy(() -> MappedFile.open(empty, 4096))
                .isInstanceOf(MappedFileException.class)
                .hasMessage(
                        "cannot map "
                                + empty
                                + ": it is empty. Whoever wrote it did not finish, or it was"
                                + " truncated.");
        assertThatThrownBy(() -> MappedFile.open(empty, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a window must have at least 1 byte, not 0");
    }

    /// After few reads the copy is interpreted, after many it is compiled.
    @ParameterizedTest
    @ValueSource(ints = {1, 30_000})
    void read_fileTruncatedWhileMapped_isExplained(int readsBefore) throws IOException {
        Path path = write(new byte[1 << 20]);
        try (MappedFile file = MappedFile.open(path, 1 << 16)) {
            byte[] block = new byte[5_000];
            for (int i = 0; i < readsBefore; i++) {
                file.read((long) i * 31 % (1 << 19), block, 0, 1 + i % 5_000);
            }
            file.read(1 << 19, block, 0, 5_000);
            truncate(path, 1_000);

            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> file.read(1 << 19, block, 0, 5_000))
                        .as("beyond the end")
                        .isInstanceOf(MappedFileException.class)
                        .hasMessage(
                                "cannot read "
                                        + path
                                        + ": a part of its 1048576 bytes is not there any more. The"
                                        + " file was shortened while it was mapped, or the disk"
                                        + " could not read it.")
                        .hasCauseInstanceOf(InternalError.class);
            }
            String resized =
                    "cannot read "
                            + path
                            + ": its size changed from 1048576 to 1000 bytes while it was mapped."
                            + " Its reader relies on finished files that nobody changes.";
            assertThatThrownBy(() -> file.read(900, block, 0, 200))
                    .as("in the last page, which reads as zeros")
                    .isInstanceOf(MappedFileException.class)
                    .hasMessage(resized);
            assertThatThrownBy(() -> file.read((1 << 20) - 9, block, 0, 9))
                    .as("in a window that is not mapped yet")
                    .isInstanceOf(MappedFileException.class)
                    .hasMessage(resized);
        }
    }

    @Test
    void read_afterTheEnd_throws() throws IOException {
        MappedFile file = MappedFile.open(write(new byte[10]), 4096);
        file.read(0, new byte[10], 0, 10);
        file.close();
        assertThat(file.mappedBytes()).isZero();
        assertThatThrownBy(() -> file.read(0, new byte[10], 0, 10))
                .isInstanceOf(ClosedChannelException.class);
        file.close();
    }

    @Test
    void read_threadInterrupted_harmsNoOtherReader() throws Exception {
        try (MappedFile file = MappedFile.open(write(new byte[] {1, 2}), 1)) {
            byte[] to = new byte[1];
            file.read(0, to, 0, 1);
            FutureTask<@Nullable Throwable> interrupted =
                    new FutureTask<>(
                            () -> {
                                Thread.currentThread().interrupt();
                                file.read(0, new byte[1], 0, 1);
                                return catchThrowable(() -> file.read(1, new byte[1], 0, 1));
                            });
            Thread.ofPlatform().start(interrupted).join();
            assertThat(interrupted.get())
                    .as("a new window, by an interrupted thread")
                    .isInstanceOf(ClosedByInterruptException.class);

            file.read(1, to, 0, 1);
            assertThat(to[0]).isEqualTo((byte) 2);
        }
    }

    /// Long copies, so that most windows are unmapped in the middle of one. The virtual machine
    /// interrupts a thread that it throws out of a copy.
    @Test
    void unmap_underAReader_isMappedAgainAndTheReaderIsNotInterrupted()
            throws IOException, InterruptedException {
        byte[] model = new byte[1 << 20];
        new SplittableRandom(9).nextBytes(model);
        try (MappedFile file = MappedFile.open(write(model), model.length / 2)) {
            AtomicBoolean ended = new AtomicBoolean();
            AtomicInteger unmapped = new AtomicInteger();
            Thread other = Thread.ofPlatform().start(() -> unmapAll(file, unmapped, ended));
            byte[] read = new byte[model.length];
            try {
                while (unmapped.get() < 300) {
                    file.read(0, read, 0, model.length);
                    assertThat(Arrays.equals(read, model)).isTrue();
                    assertThat(Thread.interrupted()).isFalse();
                }
            } finally {
                ended.set(true);
                other.join();
            }
        }
    }

    private static void unmapAll(MappedFile file, AtomicInteger unmapped, AtomicBoolean ended) {
        for (int i = 0; !ended.get(); i++) {
            if (file.isMapped(i % 2)) {
                file.unmap(i % 2);
                unmapped.incrementAndGet();
            }
            Thread.yield();
        }
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(Files.createTempFile(folder, "run", ".bin"), bytes);
    }

    private static void truncate(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }
}
