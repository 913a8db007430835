package io.aquifer.memory.space;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Every chunk of page memory of a process in the portable mode, by number.
///
/// ```
///  63            36 35                    19 18                       0
/// +----------------+------------------------+--------------------------+
/// |       0        | chunk number, from 1   | offset in the chunk      |
/// +----------------+------------------------+--------------------------+
/// ```
///
/// That is 64 GiB in chunks of 512 KiB, each with an arena of its own: closing it takes every view
/// of the chunk from whoever still has one. Numbers go round, so the number of a freed chunk is let
/// again as late as possible; until then an access to it throws. Slots are written under the lock
/// and read without: whoever has an address got it after the slot was written.
public final class ChunkTable {
    static final int CHUNK_SHIFT = 19;
    static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;

    private static final int SLOTS = 1 << 17;
    private static final @Nullable MemorySegment[] CHUNKS =
            new @Nullable MemorySegment[AddressSpace.MAPPED ? 0 : SLOTS];
    private static final @Nullable Arena[] ARENAS = new @Nullable Arena[CHUNKS.length];

    /// Each chunk is a mapping. The rest of what the process may have is left to the virtual
    /// machine and to others, which do not survive the limit.
    private static final int MAPPINGS_MAX = mappingsMax(AddressSpace.kernel());

    private static int lastNumber;
    private static int inUse;

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

    static boolean covers(long address, long length) {
        long number = address >>> CHUNK_SHIFT;
        MemorySegment chunk = number < CHUNKS.length ? CHUNKS[(int) number] : null;
        return chunk != null && length <= chunk.byteSize() - offsetOf(address);
    }

    static int mappingsMax(KernelFacts kernel) {
        return (int) Math.min(SLOTS, kernel.maxMapCount() < 0 ? SLOTS : kernel.maxMapCount() / 2);
    }

    /// Allocates `bytes` zeros, at most a chunk, and returns their chunk's number.
    @SuppressWarnings("MustBeClosedChecker") // the arena lives in its slot until the chunk is freed
    static synchronized int allocate(long bytes) {
        for (int tried = 0; tried < SLOTS; tried++) {
            lastNumber = lastNumber + 1 == SLOTS ? 1 : lastNumber + 1;
            if (CHUNKS[lastNumber] == null) {
                Arena arena = Arena.ofShared();
                try {
                    CHUNKS[lastNumber] = ChunkMemory.allocate(bytes, arena, inUse < MAPPINGS_MAX);
                } catch (OutOfMemoryError refused) {
                    arena.close();
                    throw refused;
                }
                ARENAS[lastNumber] = arena;
                inUse++;
                return lastNumber;
            }
        }
        throw new OutOfMemoryError("all " + (SLOTS - 1) + " chunks of 512 KiB are in use");
    }

    /// Frees a chunk and ends its views. A thread in the middle of an access is thrown out of it;
    /// IO under way cannot be stopped.
    ///
    /// @return whether it is free; if not, IO uses it, and nothing was changed
    static synchronized boolean free(int number) {
        Arena arena = ARENAS[number];
        if (arena != null) {
            try {
                arena.close();
            } catch (IllegalStateException usedByIo) {
                return false;
            }
            CHUNKS[number] = null;
            ARENAS[number] = null;
            inUse--;
        }
        return true;
    }
}
