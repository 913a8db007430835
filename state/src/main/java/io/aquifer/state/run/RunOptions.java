package io.aquifer.state.run;

/// How a run is written. None of it changes what is read.
///
/// @param blockBytes a block ends before the entry that would make it longer, 64 to 65,535; one
///   block is what a lookup reads
/// @param bufferBytes what is written to the file at a time, at least twice a block and 4 KiB
/// @param filterBitsPerKey bits of the filter for each entry, 0 for no filter; 10 let one absent
///   key in a hundred through
/// @param expectedEntries how many entries will come at most; sizes the filter, which is folded
///   when far fewer came and lets more through when more did
public record RunOptions(
        int blockBytes, int bufferBytes, int filterBitsPerKey, long expectedEntries) {
    static final int BLOCK_BYTES_MAX = 65_535;
    static final int BUFFER_BYTES = 512 * 1024;
    static final int FILTER_BITS_MAX = 32;

    public RunOptions {
        if (blockBytes < 64 || blockBytes > BLOCK_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a block of a run has 64 to %,d bytes, not %,d"
                            .formatted(BLOCK_BYTES_MAX, blockBytes));
        }
        if (bufferBytes < 4096 || bufferBytes < 2 * blockBytes) {
            throw new IllegalArgumentException(
                    "a run is written with a buffer of two blocks and 4,096 bytes at least, not %,d"
                            .formatted(bufferBytes));
        }
        if (filterBitsPerKey < 0 || filterBitsPerKey > FILTER_BITS_MAX || expectedEntries < 0) {
            throw new IllegalArgumentException(
                    "a run's filter has 0 to %d bits for each of 0 or more entries, not %d for %,d"
                            .formatted(FILTER_BITS_MAX, filterBitsPerKey, expectedEntries));
        }
    }

    /// Of a run that is small beside memory: a lookup reads little.
    public static final int BLOCK_BYTES = 4 * 1024;

    /// The largest that pays: of a run so large that its fences would take much of memory.
    public static final int LARGE_BLOCK_BYTES = 16 * 1024;

    /// As this, with blocks of another size.
    RunOptions withBlocks(int bytes) {
        return new RunOptions(bytes, bufferBytes, filterBitsPerKey, expectedEntries);
    }

    /// Blocks of 4 KiB, written 512 KiB at a time, without a filter.
    public static RunOptions withoutFilter() {
        return new RunOptions(BLOCK_BYTES, BUFFER_BYTES, 0, 0);
    }

    /// As [#withoutFilter], with a filter.
    public static RunOptions withFilter(int bitsPerKey, long expectedEntries) {
        return new RunOptions(BLOCK_BYTES, BUFFER_BYTES, bitsPerKey, expectedEntries);
    }
}
