package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

class LocalRunFilesTest {
    @TempDir Path directory;

    private static void write(RunFile file, byte[] content) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(content);
        for (int done = 0; done < content.length; ) {
            done += file.write(from, done);
        }
    }

    private static byte[] read(RunFile file) throws IOException {
        byte[] content = new byte[(int) file.length()];
        new RunInput(file).read(0, content, 0, content.length);
        return content;
    }

    private static List<String> names(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i ^ i >>> 8 ^ i >>> 16);
        }
        return bytes;
    }

    @Test
    void create_files_areTheUsersAloneInADirectoryOfTheProcess() throws IOException {
        try (LocalRunFiles files = LocalRunFiles.at(directory.resolve("not/yet"))) {
            assertThat(files).hasToString(directory.resolve("not/yet").toString());
            assertThat(directory.resolve("not")).doesNotExist();
            RunFile first = files.create();
            RunFile second = files.create();
            Path home = Path.of(first.name()).getParent();
            assertThat(home.getFileName().toString())
                    .startsWith("aquifer-runs-" + ProcessHandle.current().pid() + "-");
            assertThat(names(home)).containsExactly("lock", "run-1.state", "run-2.state");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                    .isEqualTo("rwx------");
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(Path.of(second.name()))))
                    .isEqualTo("rw-------");
            first.release();
            assertThat(names(home)).containsExactly("lock", "run-2.state");
            second.release();
        }
        assertThat(names(directory.resolve("not/yet"))).isEmpty();
    }

    @Test
    void read_whatWasWritten_isThereAndMoreIsNot() throws IOException {
        byte[] content = pattern(700_001);
        try (LocalRunFiles files = LocalRunFiles.at(directory)) {
            RunFile file = files.create();
            write(file, content);
            assertThat(file.length()).isEqualTo(content.length);
            assertThat(read(file)).isEqualTo(content);
            assertThat(file.write(ByteBuffer.wrap(new byte[] {9}), 3)).isEqualTo(1);
            content[3] = 9;
            assertThat(read(file)).isEqualTo(content);
            assertThat(file.read(ByteBuffer.allocate(10), content.length - 4)).isEqualTo(4);
            assertThat(file.read(ByteBuffer.allocate(10), content.length)).isEqualTo(-1);
            ByteBuffer large = ByteBuffer.allocate(600_000);
            int part = file.read(large, 0);
            assertThat(part).isEqualTo(256 * 1024).isEqualTo(large.position());
            assertThat(large.limit()).isEqualTo(600_000);
            file.release();
        }
    }

    @Test
    void release_held_staysUntilTheLastRelease() throws IOException {
        try (LocalRunFiles files = LocalRunFiles.at(directory)) {
            RunFile file = files.create();
            write(file, pattern(100));
            file.retain();
            file.release();
            assertThat(read(file)).isEqualTo(pattern(100));
            file.release();
            assertThat(Path.of(file.name())).doesNotExist();
            assertThatThrownBy(file::release)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was released after its last release");
            assertThatThrownBy(file::retain).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void linkOrCopyTo_sameFileSystem_isALinkThatOutlivesTheRun() throws IOException {
        try (LocalRunFiles files = LocalRunFiles.at(directory.resolve("runs"))) {
            RunFile file = files.create();
            write(file, pattern(5000));
            Path target = directory.resolve("checkpoint.state");
            file.linkOrCopyTo(target);
            assertThat(Files.getAttribute(target, "unix:nlink")).isEqualTo(2);
            assertThatThrownBy(() -> file.linkOrCopyTo(target))
                    .isInstanceOf(FileAlreadyExistsException.class);
            file.release();
            assertThat(target).hasBinaryContent(pattern(5000));

            RunFile back = files.linkOrCopyFrom(target);
            assertThat(read(back)).isEqualTo(pattern(5000));
            assertThat(Files.getAttribute(target, "unix:nlink")).isEqualTo(2);
            back.release();
            assertThat(target).hasBinaryContent(pattern(5000));
            assertThatThrownBy(() -> files.linkOrCopyFrom(directory.resolve("none")))
                    .isInstanceOf(IOException.class);
            assertThat(names(Path.of(back.name()).getParent())).containsExactly("lock");
        }
    }

    /// A file system of its own, where there is one.
    @Test
    void linkOrCopyTo_otherFileSystem_isACopy() throws IOException {
        Path memory = Path.of("/dev/shm");
        if (!Files.isWritable(memory)
                || Files.getFileStore(memory).equals(Files.getFileStore(directory))) {
            return;
        }
        Path other = Files.createTempDirectory(memory, "aquifer-test-");
        try (LocalRunFiles files = LocalRunFiles.at(directory)) {
            RunFile file = files.create();
            write(file, pattern(300_000));
            Path target = other.resolve("copy.state");
            file.linkOrCopyTo(target);
            assertThat(target).hasBinaryContent(pattern(300_000));
            assertThatThrownBy(() -> file.linkOrCopyTo(target))
                    .isInstanceOf(FileAlreadyExistsException.class);
            assertThat(target).hasBinaryContent(pattern(300_000));
            RunFile back = files.linkOrCopyFrom(target);
            Files.delete(target);
            assertThat(read(back)).isEqualTo(pattern(300_000));
            back.release();
            file.release();
        } finally {
            Files.deleteIfExists(other.resolve("copy.state"));
            Files.delete(other);
        }
    }

    /// A thread that is interrupted closes the channel it reads from; no other notices.
    @Test
    void read_afterAnotherThreadWasInterrupted_opensTheFileAgain() throws Exception {
        try (LocalRunFiles files = LocalRunFiles.at(directory)) {
            RunFile file = files.create();
            write(file, pattern(1000));
            AtomicReference<Throwable> seen = new AtomicReference<>();
            Thread interrupted =
                    new Thread(
                            () -> {
                                Thread.currentThread().interrupt();
                                try {
                                    file.read(ByteBuffer.allocate(10), 0);
                                } catch (IOException refused) {
                                    seen.set(refused);
                                }
                            });
            interrupted.start();
            interrupted.join();
            assertThat(seen.get()).isInstanceOf(ClosedByInterruptException.class);
            assertThat(read(file)).isEqualTo(pattern(1000));
            Path target = directory.resolve("link");
            interrupted = new Thread(interrupt(file));
            interrupted.start();
            interrupted.join();
            file.linkOrCopyTo(target);
            assertThat(target).hasBinaryContent(pattern(1000));
            file.release();
        }
    }

    private static Runnable interrupt(RunFile file) {
        return () -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(10), 0))
                    .isInstanceOf(ClosedByInterruptException.class);
        };
    }

    /// What another process left is removed; what one holds, or is none of ours, is not.
    @Test
    void create_firstOfAProcess_removesWhatNobodyHolds() throws IOException {
        Path orphan = Files.createDirectory(directory.resolve("aquifer-runs-1-orphan"));
        Files.createFile(orphan.resolve("lock"));
        Files.write(orphan.resolve("run-1.state"), pattern(10));
        Path withOthers = Files.createDirectory(directory.resolve("aquifer-runs-2-others"));
        Files.createFile(withOthers.resolve("lock"));
        Files.write(withOthers.resolve("run-7.state"), pattern(10));
        Files.write(withOthers.resolve("notes.txt"), pattern(10));
        Path withoutLock = Files.createDirectory(directory.resolve("aquifer-runs-3-none"));
        Path foreign = Files.createDirectory(directory.resolve("something"));
        Files.createFile(foreign.resolve("lock"));
        Path held = Files.createDirectory(directory.resolve("aquifer-runs-4-held"));
        Files.write(held.resolve("run-1.state"), pattern(10));
        try (FileChannel lock =
                        FileChannel.open(
                                held.resolve("lock"),
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.WRITE);
                LocalRunFiles first = LocalRunFiles.at(directory);
                LocalRunFiles second = LocalRunFiles.at(directory)) {
            assertThat(lock.lock().isValid()).isTrue();
            RunFile file = first.create();
            RunFile other = second.create();
            write(file, pattern(20));
            assertThat(orphan).doesNotExist();
            assertThat(names(withOthers)).containsExactly("notes.txt");
            assertThat(withoutLock).exists();
            assertThat(foreign.resolve("lock")).exists();
            assertThat(names(held)).containsExactly("lock", "run-1.state");
            assertThat(read(file)).isEqualTo(pattern(20));
            file.release();
            other.release();
        }
        assertThat(names(directory))
                .containsExactly(
                        "aquifer-runs-2-others",
                        "aquifer-runs-3-none",
                        "aquifer-runs-4-held",
                        "something");
    }

    @Test
    void create_afterClose_isRefused() throws IOException {
        LocalRunFiles files = LocalRunFiles.at(directory);
        files.create().release();
        files.close();
        files.close();
        assertThatThrownBy(files::create)
                .isInstanceOf(IOException.class)
                .hasMessage("the runs in " + directory + " were closed before");
        assertThat(names(directory)).isEmpty();
    }

    /// From end to end on a real disk.
    @Test
    void run_onALocalDisk_isWrittenReadMergedAndRemoved() throws IOException {
        try (TestRunPages pages = new TestRunPages();
                LocalRunFiles files = LocalRunFiles.at(directory)) {
            Generator generator = new Generator(new SplittableRandom(5), 3000, 400_000);
            Model.Content older = generator.content(3000, false);
            Model.Content newer = generator.content(1000, true);
            Runs runs = new Runs();
            for (Model.Content content : List.of(older, newer)) {
                RunFile file = files.create();
                RunOptions options = RunOptions.withFilter(10, content.size());
                generator.write(file, content, content == newer, options, pages);
                runs.addNewest(Run.open(file, generator.description, pages));
            }
            Merge merge =
                    Merge.of(
                            runs.list(),
                            true,
                            generator.description,
                            new Merge.Settings(files, pages, 0, null, Pacer.UNLIMITED));
            runs.replace(merge.inputs(), merge.run());
            runs.list().getFirst().verify();
            Check.scan(runs.scan(0, -1, false), Model.merged(List.of(newer, older), true));
            runs.close();
        }
        assertThat(names(directory)).isEmpty();
    }
}
