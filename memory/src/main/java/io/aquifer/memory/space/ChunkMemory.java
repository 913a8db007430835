package io.aquifer.memory.space;

import org.jspecify.annotations.Nullable;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Zeroed memory for chunks without a restricted call, which the system gets back when it is freed.
///
/// Every chunk is a private (copy-on-write) mapping of the same nameless file of zeros, as long as
/// a chunk: nothing is ever written to it, a page takes memory of its own when it is first written,
/// and closing the arena unmaps. The zeros are really in the file, since touching a hole of a full
/// file system is fatal. `Arena.allocate` would do without a file, but its `malloc` keeps freed
/// chunks of this size in its own heap; it is what remains where no temporary file can be made or
/// mapped.
///
/// An interrupted thread closes a channel that it uses, for all. So a thread maps with its
/// interrupt flag put aside, and a channel that was closed in the middle of that is replaced.
///
/// **Threads.** [ChunkTable]'s lock guards all.
final class ChunkMemory {
    private static @Nullable FileChannel zeros = openZeros();

    private ChunkMemory() {}

    /// Memory that lives as long as the arena.
    ///
    /// @param mapping whether it may be a mapping; if the process has too many, it may not
    /// @throws OutOfMemoryError if the operating system has none
    static MemorySegment allocate(long bytes, Arena arena, boolean mapping) {
        boolean interrupted = Thread.interrupted();
        try {
            while (zeros != null && mapping) {
                try {
                    return zeros.map(MapMode.PRIVATE, 0, bytes, arena);
                } catch (ClosedChannelException anInterruptCameMeanwhile) {
                    interrupted |= Thread.interrupted();
                    zeros = openZeros();
                }
            }
        } catch (IOException refused) {
            // Too many mappings, or no memory: the allocation below finds out which.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return arena.allocate(bytes, Long.BYTES);
    }

    private static @Nullable FileChannel openZeros() {
        try {
            Path file = Files.createTempFile("aquifer-chunk", ".zeros");
            try (OutputStream noChannel = new FileOutputStream(file.toFile())) {
                noChannel.write(new byte[ChunkTable.CHUNK_BYTES]);
            }
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE);
            if (!System.getProperty("os.name", "").startsWith("Windows")) {
                Files.deleteIfExists(file); // the open channel keeps it
            }
            return channel;
        } catch (IOException noTemporaryFile) {
            return null;
        }
    }
}
