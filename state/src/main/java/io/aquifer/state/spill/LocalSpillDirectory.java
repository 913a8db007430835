package io.aquifer.state.spill;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A directory of the local file system for spill files; made when the first file is.
///
/// A file is unlinked as soon as it is open, so that nothing of it stays whatever happens to the
/// process. Where the system does not allow that, it is removed when it is closed, and what a
/// process that was killed has left is removed by the next one that spills here: names carry the
/// process's id, `aquifer-spill-<pid>-<random>.tmp`. Only the process's user can read the files.
///
/// **Threads.** Any.
public final class LocalSpillDirectory implements SpillDirectory {
    private static final String PREFIX = "aquifer-spill-";
    private static final String SUFFIX = ".tmp";

    private final Path path;
    private boolean swept;

    private LocalSpillDirectory(Path path) {
        this.path = path;
    }

    /// @param path need not exist yet
    public static LocalSpillDirectory at(Path path) {
        return new LocalSpillDirectory(path);
    }

    @Override
    public SpillFile create() throws IOException {
        Files.createDirectories(path);
        sweepOnce();
        Path file =
                Files.createTempFile(path, PREFIX + ProcessHandle.current().pid() + "-", SUFFIX);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            if (channel == null) {
                Files.deleteIfExists(file);
            }
        }
        return new LocalFile(channel, unlinked(file) ? null : file);
    }

    private static boolean unlinked(Path file) {
        try {
            Files.deleteIfExists(file);
            return true;
        } catch (IOException notWhileOpen) {
            return false;
        }
    }

    private synchronized void sweepOnce() {
        if (swept) {
            return;
        }
        swept = true;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, PREFIX + "*" + SUFFIX)) {
            for (Path file : files) {
                if (isOrphan(file.getFileName().toString())) {
                    unlinked(file);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            // Nothing depends on it: a directory that refuses files says so when one is made.
        }
    }

    /// Whether the process in a file's name has ended.
    private static boolean isOrphan(String name) {
        int from = PREFIX.length();
        int to = name.indexOf('-', from);
        try {
            long pid = to < 0 ? -1 : Long.parseLong(name.substring(from, to));
            return pid > 0 && ProcessHandle.of(pid).map(owner -> !owner.isAlive()).orElse(true);
        } catch (NumberFormatException notOurs) {
            return false;
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /// @param remaining what to remove in the end, null if it is gone already
    private record LocalFile(FileChannel channel, @Nullable Path remaining) implements SpillFile {
        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            long at = position;
            while (from.hasRemaining()) {
                at += channel.write(from, at);
            }
        }

        @Override
        public void read(ByteBuffer to, long position) throws IOException {
            long at = position;
            while (to.hasRemaining()) {
                int count = channel.read(to, at);
                if (count < 0) {
                    throw new EOFException(
                            "the file ends at byte "
                                    + at
                                    + ", "
                                    + to.remaining()
                                    + " bytes early; somebody has cut it");
                }
                at += count;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Path file = remaining;
            if (file != null) {
                Files.deleteIfExists(file);
            }
        }
    }
}
