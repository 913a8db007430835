package io.aquifer.engine;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemorySize;

/// How much network memory the channels of one job may have, decided when the job starts.
///
/// Each channel is guaranteed [ChannelPages#LEAST] pages and takes them at once; a job whose
/// channels cannot all have them does not start. On demand channels grow: all of a job together to
/// half of what was free at its start, so that the least pages of the next job find room however
/// full the channels of this one are, and one channel to no more than [#MOST_PAGES].
final class NetworkShare {
    /// More does not make a channel faster, and adds to what lies between a record and its result.
    static final int MOST_PAGES = 32;

    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    private NetworkShare() {}

    /// The most pages that each of a job's channels may hold.
    ///
    /// @throws IllegalStateException if their least pages do not fit
    static int mostPages(int channels, MemoryManager manager) {
        long limit = manager.network().limitBytes();
        long free = limit - manager.network().heldBytes();
        return mostPages(channels, free, manager.availableBytes(manager.network()), limit);
    }

    /// @param freeBytes of the pool `network`
    /// @param availableBytes what least pages can have: that, what the pool can grow by, and the
    ///   idle pages of other jobs' channels
    /// @param limitBytes of the pool
    static int mostPages(int channels, long freeBytes, long availableBytes, long limitBytes) {
        long least = (long) channels * ChannelPages.LEAST * PAGE;
        if (least > availableBytes) {
            throw new IllegalStateException(
                    ("the job needs %d channels of at least %d pages (%s) of network memory, and %s"
                                    + " of %s is free. Lower the parallelism, or give more memory.")
                            .formatted(
                                    channels,
                                    ChannelPages.LEAST,
                                    new MemorySize(least),
                                    new MemorySize(availableBytes),
                                    new MemorySize(limitBytes)));
        }
        long fair = freeBytes / 2 / PAGE / Math.max(1, channels);
        return Math.clamp(fair, ChannelPages.LEAST, MOST_PAGES);
    }
}
