package io.aquifer.memory.space;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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
final class ChunkMemory {
    private static final @Nullable FileChannel ZEROS = openZeros();

    private ChunkMemory() {}

    /// Memory that lives as long as the arena.
    ///
    /// @param mapping whether it may be a mapping; if the process has too many, it may not
    /// @throws OutOfMemoryError if the operating system has none
    static MemorySegment allocate(long bytes, Arena arena, boolean mapping) {
        if (ZEROS != null && mapping) {
            try {
                return ZEROS.map(MapMode.PRIVATE, 0, bytes, arena);
            } catch (IOException refused) {
                // Too many mappings, or no memory: the allocation below finds out which.
            }
        }
        return arena.allocate(bytes, Long.BYTES);
    }

    private static @Nullable FileChannel openZeros() {
        try {
            Path file = Files.createTempFile("aquifer-chunk", ".zeros");
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE);
            ByteBuffer zeros = ByteBuffer.allocate(ChunkTable.CHUNK_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            if (!System.getProperty("os.name", "").startsWith("Windows")) {
                Files.deleteIfExists(file); // the open channel keeps it
            }
            return channel;
        } catch (IOException noTemporaryFile) {
            return null;
        }
    }
}
