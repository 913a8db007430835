package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/// The right to write one sink's files in a directory: held by one job of one process, and given
/// back by the system when that process ends, however it ends.
///
/// The file says who holds it, and stays behind, empty: removing it could take it from a process
/// that has just opened it.
///
/// | Field          | Guard                                                                     |
/// |----------------|---------------------------------------------------------------------------|
/// | `HELD`         | itself; a file's lock is the process's, so its jobs are told apart by this |
final class OutputLock implements Closeable {
    /// @param output what the sink writes, such as `out/stats-*.csv`
    record Owner(String output, String jobName, String runId) {}

    private static final Map<Path, Owner> HELD = new HashMap<>();

    /// A byte nobody writes, since locked bytes cannot be read on some systems.
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private static final int OWNER_BYTES_MAX = 1024;

    private final Path key;
    private final FileChannel channel;

    private OutputLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    static OutputLock take(Path file, Owner owner) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path key =
                (directory == null ? file : directory.toRealPath())
                        .resolve(String.valueOf(file.getFileName()));
        synchronized (HELD) {
            Owner holder = HELD.get(key);
            if (holder != null) {
                // Opening the file here, and closing it, would give up the holder's lock.
                throw holder.runId.equals(owner.runId) ? twice(owner) : taken(owner, holder);
            }
            FileChannel channel =
                    FileChannel.open(
                            key,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
                if (lock == null) {
                    throw taken(owner, holder(channel));
                }
                channel.truncate(0);
                write(channel, ProcessHandle.current().pid() + " (job '" + owner.jobName + "')");
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            HELD.put(key, owner);
            return new OutputLock(key, channel);
        }
    }

    private static FileAccessException twice(Owner owner) {
        return FileAccessException.of(
                "two sinks of job '"
                        + owner.jobName
                        + "' write to "
                        + owner.output
                        + ". Give one of them another directory or prefix.");
    }

    private static FileAccessException taken(Owner owner, Owner holder) {
        return taken(
                owner,
                "job '"
                        + holder.jobName
                        + "' of this process ("
                        + ProcessHandle.current().pid()
                        + ")");
    }

    private static FileAccessException taken(Owner owner, String holder) {
        return FileAccessException.of(
                "cannot write to "
                        + owner.output
                        + ": "
                        + holder
                        + " writes there. Wait until it has ended, or choose another directory or"
                        + " prefix.");
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(OWNER_BYTES_MAX);
        int read = channel.read(bytes, 0);
        String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
        return read <= 0 ? "another process" : "process " + text.strip();
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text + "\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            @Nullable Owner holder = HELD.remove(key);
            if (holder != null) {
                try (channel) {
                    channel.truncate(0);
                }
            }
        }
    }
}
