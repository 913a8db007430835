package io.aquifer.engine;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.kernel.PageAccess;

import java.util.function.BooleanSupplier;

/// Bytes on their way from one subtask to another: a ring of pages of network memory with one
/// writer and one reader.
///
/// ```
///        released            published      written
///           |  to be read        |  staged     |
///  pages  [ . . . ][ . . . . . . ][ . . . ][ . . . ]    positions only grow; the page of a position is
///                                                      pages[position / page size % pages]
/// ```
///
/// **Invariant**: `released <= published <= written <= released + capacity`. The bytes between
/// belong to the exchange: not to the producer, which may have ended, nor yet to the consumer.
///
/// | Field     | Written by | Read by  | Access   |
/// |-----------|------------|----------|----------|
/// | written   | producer   | producer | plain    |
/// | published | producer   | both     | volatile |
/// | released  | consumer   | both     | volatile |
final class Channel {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    private final PageLease lease;
    private final long[] pages;
    private final long capacity;
    private final Signal producer;
    private final Signal consumer;
    private final BooleanSupplier hasSpace = () -> free() > 0;
    private long written;
    private volatile long published;
    private volatile long released;

    /// @param lease holds nothing yet; the channel takes `pageCount` pages from it
    Channel(PageLease lease, int pageCount, Signal producer, Signal consumer) {
        this.lease = lease;
        this.pages = new long[pageCount];
        this.capacity = (long) pageCount * PAGE;
        this.producer = producer;
        this.consumer = consumer;
        for (int i = 0; i < pageCount; i++) {
            pages[i] = lease.allocatePage();
        }
    }

    /// Appends bytes; waits while the ring is full. Full pages are published, the rest by
    /// [#publish].
    void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            long free = free();
            if (free == 0) {
                publish();
                producer.await(hasSpace, Long.MAX_VALUE);
                free = free();
            }
            int inPage = (int) (written % PAGE);
            int chunk = (int) Math.min(Math.min(left, PAGE - inPage), free);
            PageAccess.copy(bytes, from, pages[page(written)] + inPage, chunk);
            written += chunk;
            from += chunk;
            left -= chunk;
            if (inPage + chunk == PAGE) {
                publish();
            }
        }
    }

    /// Lets the consumer read all that was written.
    void publish() {
        if (written != published) {
            published = written;
            consumer.wake();
        }
    }

    private long free() {
        return capacity - (written - released);
    }

    private int page(long position) {
        return (int) (position / PAGE % pages.length);
    }

    /// Whether [#read] would give something. Any thread.
    boolean hasData() {
        return published != released;
    }

    /// Takes up to `length` bytes and gives their room back to the producer.
    ///
    /// @return how many, 0 when there are none now
    int read(byte[] to, int offset, int length) {
        long from = released;
        int available = (int) Math.min(length, published - from);
        int taken = 0;
        while (taken < available) {
            long position = from + taken;
            int inPage = (int) (position % PAGE);
            int chunk = Math.min(available - taken, PAGE - inPage);
            PageAccess.copy(pages[page(position)] + inPage, to, offset + taken, chunk);
            taken += chunk;
        }
        if (taken > 0) {
            released = from + taken;
            producer.wake();
        }
        return taken;
    }

    /// Gives the pages back. Only when neither side will touch them again.
    void close() {
        lease.close();
    }
}
