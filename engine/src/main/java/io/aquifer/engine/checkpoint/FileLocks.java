package io.aquifer.engine.checkpoint;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The lock files this process holds, by the kernel's record locks, which end with the process.
///
/// POSIX releases a process's locks on a file when the process closes *any* descriptor of it. So a
/// lock file that this process holds is never opened a second time: what it holds is known here, by
/// the identity of the directory, whatever its name.
///
/// Two bytes far behind the content are locked. The first decides; who only asks whether a
/// directory is held tries the second, so that asking never makes a start fail.
final class FileLocks {
    private static final long HOLDER_BYTE = 1L << 40;
    private static final long QUESTION_BYTE = HOLDER_BYTE + 1;

    /// Guarded by itself, as is every opening and closing of a lock file.
    private static final Map<Object, Held> HELD = new HashMap<>();

    /// Channels of lock files that this process holds by way of another class loader: closing them
    /// would release its lock. Guarded by [#HELD].
    private static final List<FileChannel> KEPT_OPEN = new ArrayList<>();

    private FileLocks() {}

    static Disk.Lock take(Path file, LockHolder me) throws IOException {
        synchronized (HELD) {
            Object directory = identity(directoryOf(file));
            Held held = HELD.get(directory);
            if (held != null) {
                throw new DirectoryInUseException(held.holder);
            }
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS);
            boolean taken = false;
            try {
                acquire(channel, file);
                write(channel, me);
                held = new Held(file, identity(file), directory, channel, me);
                HELD.put(directory, held);
                taken = true;
                return held;
            } finally {
                if (!taken && !KEPT_OPEN.contains(channel)) {
                    channel.close();
                }
            }
        }
    }

    private static void acquire(FileChannel channel, Path file) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock(HOLDER_BYTE, 1, false);
        } catch (OverlappingFileLockException e) {
            KEPT_OPEN.add(channel);
            throw new DirectoryInUseException(LockHolder.of(content(channel)));
        }
        byte[] content = content(channel);
        if (lock == null) {
            throw new DirectoryInUseException(LockHolder.of(content));
        }
        if (!LockHolder.mayReplace(content)) {
            throw new FileSystemException(
                    file.toString(), null, "is not Aquifer's lock file, but somebody else's file");
        }
        // Others hold this byte only for the moment of their question.
        Objects.requireNonNull(channel.lock(QUESTION_BYTE, 1, false));
    }

    static @Nullable LockHolder holder(Path file) throws IOException {
        synchronized (HELD) {
            Held held = HELD.get(identity(directoryOf(file)));
            if (held != null) {
                return held.holder;
            }
            FileChannel channel;
            try {
                channel =
                        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                return null;
            }
            boolean close = true;
            try {
                FileLock lock = channel.tryLock(QUESTION_BYTE, 1, true);
                return lock == null ? LockHolder.of(content(channel)) : null;
            } catch (OverlappingFileLockException e) {
                close = false;
                KEPT_OPEN.add(channel);
                return LockHolder.of(content(channel));
            } finally {
                if (close) {
                    channel.close();
                }
            }
        }
    }

    private static byte[] content(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(LockHolder.MAX_BYTES);
        int read = 0;
        while (read >= 0 && buffer.hasRemaining()) {
            read = channel.read(buffer, buffer.position());
        }
        byte[] content = new byte[buffer.flip().remaining()];
        buffer.get(content);
        return content;
    }

    private static void write(FileChannel channel, LockHolder me) throws IOException {
        channel.truncate(0);
        ByteBuffer content = ByteBuffer.wrap(me.toBytes());
        while (content.hasRemaining()) {
            channel.write(content, content.position());
        }
    }

    private static Path directoryOf(Path file) {
        return Objects.requireNonNull(file.getParent(), "a lock file is in a directory");
    }

    /// The same for all names of a file.
    private static Object identity(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return key != null ? key : path.toRealPath();
    }

    private static final class Held implements Disk.Lock {
        private final Path file;
        private final Object identity;
        private final Object directory;
        private final FileChannel channel;
        private final LockHolder holder;

        Held(Path file, Object identity, Object directory, FileChannel channel, LockHolder holder) {
            this.file = file;
            this.identity = identity;
            this.directory = directory;
            this.channel = channel;
            this.holder = holder;
        }

        @Override
        public boolean intact() throws IOException {
            try {
                return identity(file).equals(identity);
            } catch (NoSuchFileException e) {
                return false;
            }
        }

        @Override
        @SuppressWarnings("EmptyCatch") // the content is for people; the lock ends in any case
        public void release() {
            synchronized (HELD) {
                if (!HELD.remove(directory, this)) {
                    return;
                }
                try (channel) {
                    channel.truncate(0);
                } catch (IOException e) {
                    // the kernel releases the lock of a closed channel
                }
            }
        }
    }
}
