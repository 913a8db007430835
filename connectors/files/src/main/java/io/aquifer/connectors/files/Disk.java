package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;

/// The file operations a sink is made of, few enough that a test can stop or fail before each of
/// them.
///
/// Nothing but [#force] and [#forceDirectory] waits for the disk. **Threads**: any.
interface Disk {
    Disk LOCAL = new LocalDisk();

    void makeDirectories(Path directory) throws IOException;

    /// Takes the lock that keeps a second job away, until it is closed.
    ///
    /// @throws FileAccessException when it is taken, with its owner
    Closeable lock(Path file, OutputLock.Owner owner) throws IOException;

    /// An empty file to write to; what was there under the name is gone.
    WritableByteChannel create(Path file) throws IOException;

    /// Brings a file's content to the disk.
    void force(Path file) throws IOException;

    /// Brings the names in a directory to the disk, where the system can.
    void forceDirectory(Path directory) throws IOException;

    boolean exists(Path file);

    /// Whether both names are there and stand for one file.
    boolean isSame(Path one, Path other) throws IOException;

    /// Gives a file a second name, atomically.
    ///
    /// @return false when the file system has no second names
    /// @throws java.nio.file.FileAlreadyExistsException when the name is taken
    boolean link(Path file, Path name) throws IOException;

    /// Renames, atomically; what was there under the new name is replaced.
    void move(Path from, Path to) throws IOException;

    /// Removes a file; one that is not there is no error.
    void delete(Path file) throws IOException;

    /// The names in a directory, in no order.
    List<String> list(Path directory) throws IOException;

    /// The content of a small file, null when it is not there.
    byte @Nullable [] read(Path file) throws IOException;
}
