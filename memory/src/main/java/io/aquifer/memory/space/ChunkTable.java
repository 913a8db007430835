package io.aquifer.memory.space;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Every chunk of page memory of a process in the portable mode, by number.
///
/// ```
///  63            38 37                    22 21                       0
/// +----------------+------------------------+--------------------------+
/// |       0        | chunk number, from 1   | offset in the chunk      |
/// +----------------+------------------------+--------------------------+
/// ```
///
/// Numbers go round, so the number of a freed chunk is let again as late as possible; until then an
/// access to it throws. Slots are written under the lock and read without: whoever has an address
/// got it after the slot was written.
public final class ChunkTable {
    static final int CHUNK_SHIFT = 22;
    static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;

    private static final int SLOTS = 1 << 16;
    private static final @Nullable MemorySegment[] CHUNKS =
            new @Nullable MemorySegment[AddressSpace.MAPPED ? 0 : SLOTS];
    private static final @Nullable Arena[] ARENAS = new @Nullable Arena[CHUNKS.length];
    private static int lastNumber;

    private ChunkTable() {}

    /// The chunk that `address` lies in.
    ///
    /// @throws IllegalStateException if it was freed or never was
    public static MemorySegment chunkOf(long address) {
        long number = address >>> CHUNK_SHIFT;
        MemorySegment chunk = number < CHUNKS.length ? CHUNKS[(int) number] : null;
        if (chunk == null) {
            throw new IllegalStateException(
                    "page address 0x"
                            + Long.toHexString(address)
                            + " has no memory: its page was released and decommitted, or never"
                            + " allocated.");
        }
        return chunk;
    }

    /// Where `address` lies in its chunk.
    public static long offsetOf(long address) {
        return address & (CHUNK_BYTES - 1);
    }

    static boolean covers(long address) {
        long number = address >>> CHUNK_SHIFT;
        return number > 0 && number < CHUNKS.length && CHUNKS[(int) number] != null;
    }

    /// Allocates `bytes` zeros, at most a chunk, and returns their chunk's number.
    @SuppressWarnings("MustBeClosedChecker") // the arena lives in its slot until the chunk is freed
    static synchronized int allocate(long bytes) {
        for (int tried = 0; tried < SLOTS; tried++) {
            lastNumber = lastNumber + 1 == SLOTS ? 1 : lastNumber + 1;
            if (CHUNKS[lastNumber] == null) {
                Arena arena = Arena.ofShared();
                try {
                    CHUNKS[lastNumber] = ChunkMemory.allocate(bytes, arena);
                } catch (OutOfMemoryError refused) {
                    arena.close();
                    throw refused;
                }
                ARENAS[lastNumber] = arena;
                return lastNumber;
            }
        }
        throw new OutOfMemoryError("all " + (SLOTS - 1) + " chunks of 4 MiB are in use");
    }

    static synchronized void free(int number) {
        Arena arena = ARENAS[number];
        CHUNKS[number] = null;
        ARENAS[number] = null;
        if (arena != null) {
            arena.close();
        }
    }
}
