package io.aquifer.state.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file of [LocalRunFiles].
///
/// A thread that is interrupted while it reads closes the channel for all others: `java.nio` does
/// so. The others open the file again; they find it by its name as long as it is held.
final class LocalRunFile implements RunFile {
    /// A channel copies what lies on the heap through memory of its own that it keeps: so it is
    /// given little at a time.
    private static final int PART_MAX = 256 * 1024;

    private final Path path;
    private final Holds holds;

    /// Written under this object's monitor.
    private volatile FileChannel channel;

    private LocalRunFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
        this.holds = new Holds("run file '" + path + "'");
    }

    static LocalRunFile create(Path path) throws IOException {
        Set<OpenOption> options =
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        return new LocalRunFile(path, FileChannel.open(path, options, onlyForUser(path)));
    }

    private static FileAttribute<?>[] onlyForUser(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /// Opens a file that belongs here; it is removed if that fails.
    static LocalRunFile open(Path path) throws IOException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            return new LocalRunFile(path, channel);
        } finally {
            if (channel == null) {
                Files.deleteIfExists(path);
            }
        }
    }

    /// Makes a file with the content of another; what is left of a failed copy is removed.
    static void linkOrCopy(Path existing, Path target) throws IOException {
        if (!isLinked(existing, target)) {
            copy(existing, target);
        }
    }

    private static boolean isLinked(Path existing, Path target) throws IOException {
        try {
            Files.createLink(target, existing);
            return true;
        } catch (FileAlreadyExistsException taken) {
            throw taken;
        } catch (IOException | UnsupportedOperationException otherFileSystem) {
            return false;
        }
    }

    private static void copy(Path existing, Path target) throws IOException {
        boolean copied = false;
        FileChannel to =
                FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (to;
                FileChannel from = FileChannel.open(existing, StandardOpenOption.READ)) {
            long length = from.size();
            for (long done = 0; done < length; ) {
                long part = from.transferTo(done, length - done, to);
                if (part <= 0) {
                    throw new IOException(
                            "'%s' had %,d bytes and ends at byte %,d now"
                                    .formatted(existing, length, done));
                }
                done += part;
            }
            to.force(true);
            copied = true;
        } finally {
            if (!copied) {
                Files.deleteIfExists(target);
            }
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public long length() throws IOException {
        return Files.size(path);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        int limit = from.limit();
        from.limit(from.position() + Math.min(from.remaining(), PART_MAX));
        try {
            return channel.write(from, position);
        } finally {
            from.limit(limit);
        }
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        FileChannel current = channel;
        try {
            return readPart(current, to, position);
        } catch (ClosedByInterruptException interrupted) {
            throw interrupted;
        } catch (ClosedChannelException byAnother) {
            return readPart(reopened(current, byAnother), to, position);
        }
    }

    private static int readPart(FileChannel channel, ByteBuffer to, long position)
            throws IOException {
        int limit = to.limit();
        to.limit(to.position() + Math.min(to.remaining(), PART_MAX));
        try {
            return channel.read(to, position);
        } finally {
            to.limit(limit);
        }
    }

    private synchronized FileChannel reopened(FileChannel closed, ClosedChannelException why)
            throws IOException {
        if (!holds.isHeld()) {
            throw why;
        }
        if (channel == closed) {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        }
        return channel;
    }

    @Override
    public void linkOrCopyTo(Path target) throws IOException {
        force();
        linkOrCopy(path, target);
    }

    private void force() throws IOException {
        FileChannel current = channel;
        try {
            current.force(true);
        } catch (ClosedByInterruptException interrupted) {
            throw interrupted;
        } catch (ClosedChannelException byAnother) {
            reopened(current, byAnother).force(true);
        }
    }

    @Override
    public void retain() {
        holds.add();
    }

    @Override
    public void release() {
        if (holds.drop()) {
            close();
        }
    }

    private synchronized void close() {
        try {
            try {
                channel.close();
            } finally {
                Files.deleteIfExists(path);
            }
        } catch (IOException withTheDirectory) {
            // What the disk does not let go now goes with the directory.
        }
    }
}
