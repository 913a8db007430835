package io.aquifer.memory.space;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A finished file, read through windows of memory that the kernel fills from it.
///
/// The file's size is taken when it is opened; from then on nobody may change or remove the file. A
/// window is mapped when it is first read and stays until it is [unmapped][#unmap]; all mapped
/// windows together, [#mappedBytes], are what an owner has to charge, since so much may become
/// resident. Every window but the last has the same size. Needs no native access.
///
/// | Call      | Waits                                    | When it cannot                                                   |
/// |-----------|------------------------------------------|------------------------------------------------------------------|
/// | [#open]   | for the disk                             | throws [MappedFileException]: missing, empty, not a file         |
/// | [#read]   | for the disk; to map, for other mappings | throws [MappedFileException]: resized; `IOException`: no mapping |
/// | [#unmap]  | for reads under way                      | -                                                                |
/// | [#close]  | for reads under way                      | -                                                                |
///
/// **Threads.** Any thread. No window is unmapped under a reader: the virtual machine would throw
/// it out of its copy and, what is worse, leave it interrupted.
public final class MappedFile implements AutoCloseable {
    private final Path file;

    /// Tells the size. Not a channel, which an interrupt of any reader would close for all.
    private final RandomAccessFile sizes;

    private final long sizeBytes;
    private final long windowBytes;

    /// Shared by readers; whoever unmaps excludes them.
    private final ReentrantReadWriteLock uses = new ReentrantReadWriteLock();

    /// Written under this object's lock; set to null under the exclusive one of `uses` as well.
    private final @Nullable MemorySegment[] windows;

    private final @Nullable Arena[] arenas;
    private long mappedBytes;
    private boolean closed;

    private MappedFile(Path file, RandomAccessFile sizes, long sizeBytes, long windowBytes) {
        this.file = file;
        this.sizes = sizes;
        this.sizeBytes = sizeBytes;
        this.windowBytes = windowBytes;
        int count = Math.toIntExact((sizeBytes + windowBytes - 1) / windowBytes);
        this.windows = new @Nullable MemorySegment[count];
        this.arenas = new @Nullable Arena[count];
    }

    /// Opens `file` and maps nothing yet.
    ///
    /// @param windowBytes the size of a window, above 0; a multiple of the kernel's page wastes
    ///   none
    /// @throws MappedFileException if it does not exist, is empty, or is not a regular file
    public static MappedFile open(Path file, long windowBytes) throws IOException {
        if (windowBytes <= 0) {
            throw new IllegalArgumentException(
                    "a window must have at least 1 byte, not " + windowBytes);
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw MappedFileException.notAFile(file);
        }
        if (!Files.exists(file)) {
            throw MappedFileException.missing(file);
        }
        RandomAccessFile sizes = new RandomAccessFile(file.toFile(), "r");
        try {
            long size = sizes.length();
            if (size == 0) {
                throw MappedFileException.empty(file);
            }
            return new MappedFile(file, sizes, size, windowBytes);
        } catch (IOException | RuntimeException failure) {
            sizes.close();
            throw failure;
        }
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public int windowCount() {
        return windows.length;
    }

    /// The bytes of window `index`.
    public long windowBytes(int index) {
        long from = Objects.checkIndex(index, windows.length) * windowBytes;
        return Math.min(windowBytes, sizeBytes - from);
    }

    /// The bytes of all windows that are mapped.
    public synchronized long mappedBytes() {
        return mappedBytes;
    }

    /// Whether window `index` is mapped.
    public synchronized boolean isMapped(int index) {
        return arenas[index] != null;
    }

    /// Copies bytes of the file.
    ///
    /// Readers get copies and no views because the machine reports a page that is missing from the
    /// file only when it is touched: the copy is where that can be caught.
    ///
    /// @param offset in the file
    /// @throws IndexOutOfBoundsException if the range leaves the file or the array
    /// @throws MappedFileException if the size of the file has changed
    /// @throws ClosedChannelException if this file is closed
    public void read(long offset, byte[] to, int toOffset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, (long) length, sizeBytes);
        Objects.checkFromIndexSize(toOffset, length, to.length);
        int done = 0;
        while (done < length) {
            int index = Math.toIntExact((offset + done) / windowBytes);
            long inWindow = (offset + done) % windowBytes;
            int count = (int) Math.min(length - done, windowBytes(index) - inWindow);
            copy(index, inWindow, to, toOffset + done, count);
            done += count;
        }
    }

    /// Gives a window's addresses back; a later read maps it again.
    public void unmap(int index) {
        Lock alone = uses.writeLock();
        alone.lock();
        try {
            release(index);
        } finally {
            alone.unlock();
        }
    }

    private synchronized void release(int index) {
        Arena arena = arenas[index];
        if (arena != null) {
            arena.close();
            windows[index] = null;
            arenas[index] = null;
            mappedBytes -= windowBytes(index);
        }
    }

    /// Unmaps all windows. Readers get an exception from then on.
    @Override
    public void close() throws IOException {
        Lock alone = uses.writeLock();
        alone.lock();
        try {
            closed = true;
            for (int index = 0; index < windows.length; index++) {
                release(index);
            }
            sizes.close();
        } finally {
            alone.unlock();
        }
    }

    private void copy(int index, long from, byte[] to, int toOffset, int count) throws IOException {
        Lock reading = uses.readLock();
        reading.lock();
        try {
            MemorySegment window = windows[index];
            if (window == null) {
                window = map(index);
            }
            MemorySegment.copy(window, JAVA_BYTE, from, to, toOffset, count);
            // A fault may be reported as late as the next native call, so there must be one;
            // and what lies between the new end and the end of its page reads as zeros.
            requireWhole();
        } catch (InternalError fault) {
            throw MappedFileException.faulted(file, sizeBytes, fault);
        } finally {
            reading.unlock();
        }
    }

    private void requireWhole() throws IOException {
        requireSize(sizes.length());
    }

    private void requireSize(long now) throws IOException {
        if (now != sizeBytes) {
            throw MappedFileException.resized(file, sizeBytes, now);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // the arena lives in its slot until it is unmapped
    private synchronized MemorySegment map(int index) throws IOException {
        MemorySegment window = windows[index];
        if (window != null) {
            return window;
        }
        if (closed) {
            throw new ClosedChannelException();
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            requireSize(channel.size());
            long bytes = windowBytes(index);
            window = channel.map(MapMode.READ_ONLY, index * windowBytes, bytes, arena);
            windows[index] = window;
            arenas[index] = arena;
            mappedBytes += bytes;
            return window;
        } catch (IOException | RuntimeException | OutOfMemoryError refused) {
            arena.close();
            throw refused;
        }
    }
}
