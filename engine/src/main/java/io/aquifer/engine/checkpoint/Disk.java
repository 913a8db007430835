package io.aquifer.engine.checkpoint;

import io.aquifer.state.run.RunFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;

/// What this package asks of a file system, so that tests can crash it at any operation.
///
/// What was written is durable only after [WritableFile#force], a name that was made, moved or
/// deleted only after [#forceDirectory] of its directory. Any thread.
interface Disk {
    /// The machine's.
    Disk SYSTEM = new SystemDisk();

    /// What a path is.
    enum Kind {
        NONE,
        FILE,
        DIRECTORY,
        /// A symbolic link, a device.
        OTHER
    }

    /// A file being written, from its beginning.
    interface WritableFile extends WritableByteChannel {
        /// Returns when all that was written survives a loss of power.
        void force() throws IOException;
    }

    /// A lock file that is held.
    interface Lock {
        /// Whether the lock file is still the one that was locked: nobody removed or replaced it.
        boolean intact() throws IOException;

        void release();
    }

    /// The path without links and detours.
    ///
    /// @throws java.nio.file.NoSuchFileException when there is nothing
    Path realPath(Path path) throws IOException;

    /// What is there; a link is [Kind#OTHER], whatever it leads to.
    Kind kind(Path path) throws IOException;

    /// The names in a directory, sorted.
    List<String> list(Path directory) throws IOException;

    long size(Path file) throws IOException;

    /// A small file's content.
    ///
    /// @throws IOException also when it is longer than `maxBytes`
    byte[] read(Path file, int maxBytes) throws IOException;

    SeekableByteChannel openToRead(Path file) throws IOException;

    /// Makes a file that must not exist.
    WritableFile create(Path file) throws IOException;

    /// Makes a file that must not exist of what another has, without moving a byte where the disk
    /// can do so. Its content is durable then.
    void createFrom(RunFile source, Path file) throws IOException;

    /// Makes a directory that must not exist, in one that does.
    void createDirectory(Path directory) throws IOException;

    void forceDirectory(Path directory) throws IOException;

    /// Renames within a directory, in one step; replaces what has the new name.
    void move(Path from, Path to) throws IOException;

    /// Deletes a file or an empty directory; nothing happens when it is not there.
    void delete(Path path) throws IOException;

    /// Takes a lock file, makes it if needed, and writes into it who holds it.
    ///
    /// @throws DirectoryInUseException when it is held, by this process or another
    Lock lock(Path file, LockHolder me) throws IOException;

    /// Who holds a lock file; null when nobody does. Disturbs neither a holder nor one who is about
    /// to take it.
    @Nullable LockHolder holder(Path file) throws IOException;
}
