package io.aquifer.state.run;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Runs in a directory of the local file system; made when the first one is.
///
/// Each process has a directory of its own in it, `aquifer-runs-<pid>-<random>`, with a file `lock`
/// that the operating system holds while the process lives, and `run-1.state`, `run-2.state` and so
/// on. What a process that was killed has left - what nobody holds the lock of - is removed by the
/// next one that puts runs here. Only the process's user can read any of it.
///
/// **Threads.** Any.
public final class LocalRunFiles implements RunFiles, AutoCloseable {
    private static final String PREFIX = "aquifer-runs-";
    private static final String LOCK = "lock";

    /// Those of this process. Its own lock must not be tried: on Linux, to close a file ends all
    /// locks that the process has on it.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path base;
    private final AtomicLong numbers = new AtomicLong();
    private @Nullable Home home;
    private boolean closed;

    /// A process's directory.
    private record Home(Path path, FileChannel lock) {}

    private LocalRunFiles(Path base) {
        this.base = base;
    }

    /// @param path need not exist yet
    public static LocalRunFiles at(Path path) {
        return new LocalRunFiles(path);
    }

    @Override
    public RunFile create() throws IOException {
        return LocalRunFile.create(next());
    }

    @Override
    public RunFile linkOrCopyFrom(Path existing) throws IOException {
        Path path = next();
        LocalRunFile.linkOrCopy(existing, path);
        return LocalRunFile.open(path);
    }

    private Path next() throws IOException {
        return home().resolve("run-" + numbers.incrementAndGet() + ".state");
    }

    private synchronized Path home() throws IOException {
        if (closed) {
            throw new IOException("the runs in " + base + " were closed before");
        }
        Home made = home;
        if (made == null) {
            Files.createDirectories(base);
            made = makeHome(base.toRealPath());
            home = made;
            sweep(base.toRealPath());
        }
        return made.path;
    }

    /// Gets its name when it is locked, so that nobody takes it for one that was left.
    private static Home makeHome(Path base) throws IOException {
        Path unnamed = Files.createTempDirectory(base, ".new-" + PREFIX);
        FileChannel lock = null;
        boolean made = false;
        try {
            lock = openLock(unnamed, StandardOpenOption.CREATE_NEW);
            if (lock.tryLock() == null) {
                throw new IOException("somebody else has locked " + unnamed);
            }
            String random = unnamed.getFileName().toString().substring(".new-".length());
            String pid = Long.toString(ProcessHandle.current().pid());
            Path path = base.resolve(PREFIX + pid + "-" + random.substring(PREFIX.length()));
            OWN.add(path);
            Files.move(unnamed, path, StandardCopyOption.ATOMIC_MOVE);
            made = true;
            return new Home(path, lock);
        } finally {
            if (!made) {
                if (lock != null) {
                    lock.close();
                }
                remove(unnamed);
            }
        }
    }

    private static FileChannel openLock(Path home, StandardOpenOption how) throws IOException {
        return FileChannel.open(home.resolve(LOCK), how, StandardOpenOption.WRITE);
    }

    /// Removes what processes that have ended left.
    private static void sweep(Path base) {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(base, PREFIX + "*")) {
            for (Path home : homes) {
                if (!OWN.contains(home) && isOrphan(home)) {
                    remove(home);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            // Nothing depends on it: a directory that refuses files says so when one is made.
        }
    }

    private static boolean isOrphan(Path home) {
        try (FileChannel channel = openLock(home, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (IOException | OverlappingFileLockException inUse) {
            return false;
        }
    }

    /// Removes a process's directory; the lock goes last, so that what could not be removed is
    /// found again.
    private static void remove(Path home) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home, "run-*")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(home.resolve(LOCK));
            Files.deleteIfExists(home);
        } catch (IOException | DirectoryIteratorException later) {
            // The next process tries again.
        }
    }

    @Override
    public String toString() {
        return base.toString();
    }

    /// Removes the process's directory with whatever is in it: all runs were released before.
    /// Closing again does nothing.
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        Home ended = home;
        home = null;
        if (ended != null) {
            remove(ended.path);
            ended.lock.close();
            OWN.remove(ended.path);
        }
    }
}
