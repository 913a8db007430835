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
///                                                      ring[position / page size % ring.length]
/// ```
///
/// The writer takes a page from [ChannelPages] when it enters one, the reader puts it back when it
/// has emptied it. So the ring holds what is in flight and grows and shrinks with it; when there is
/// no page, the writer waits for the reader.
///
/// **Invariant**: `released <= published <= written`, and the bytes from `released` to `written`
/// lie in pages in flight, of which there are at most `ring.length`. They belong to the exchange:
/// not to the producer, which may have ended, nor yet to the consumer.
///
/// | Field        | Written by | Read by  | Access                                           |
/// |--------------|------------|----------|--------------------------------------------------|
/// | written      | producer   | producer | plain                                            |
/// | writing      | producer   | producer | plain                                            |
/// | ring[i]      | producer   | both     | plain; the reader's is behind `published`, the   |
/// |              |            |          | next write behind the lock of [ChannelPages]     |
/// | published    | producer   | both     | volatile                                         |
/// | released     | consumer   | any      | volatile                                         |
///
/// An entry of the ring is written again only for a page `ring.length` further on. For that many
/// pages to have been taken, the reader has put back the entry's old page, and looks at it no more.
final class Channel {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    private final ChannelPages pages;
    private final long[] ring;
    private final Signal producer;
    private final Signal consumer;
    private final BooleanSupplier hasPage;
    private long written;
    private long writing;
    private volatile long published;
    private volatile long released;

    /// @param lease holds nothing yet; the channel takes [ChannelPages#LEAST] pages from it
    /// @param pagesMost how many it may hold
    Channel(PageLease lease, int pagesMost, Signal producer, Signal consumer) {
        this.pages = new ChannelPages(lease, pagesMost);
        this.ring = new long[pagesMost];
        this.producer = producer;
        this.consumer = consumer;
        this.hasPage = pages::hasIdle;
    }

    /// Appends bytes; waits while there is no page for them. Full pages are published, the rest by
    /// [#publish].
    void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            int inPage = (int) (written % PAGE);
            if (inPage == 0) {
                enterPage();
            }
            int chunk = Math.min(left, PAGE - inPage);
            PageAccess.copy(bytes, from, writing + inPage, chunk);
            written += chunk;
            from += chunk;
            left -= chunk;
            if (inPage + chunk == PAGE) {
                publish();
            }
        }
    }

    /// All before is published: pages are when they are full.
    private void enterPage() {
        long page;
        while ((page = pages.take()) == 0) {
            producer.await(hasPage, Long.MAX_VALUE);
        }
        ring[entry(written)] = page;
        writing = page;
    }

    /// Lets the consumer read all that was written.
    void publish() {
        if (written != published) {
            published = written;
            consumer.wake();
        }
    }

    private int entry(long position) {
        return (int) (position / PAGE % ring.length);
    }

    /// Whether [#read] would give something. Any thread.
    boolean hasData() {
        return published != released;
    }

    /// Takes up to `length` bytes; pages that it empties are the producer's again.
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
            long page = ring[entry(position)];
            PageAccess.copy(page + inPage, to, offset + taken, chunk);
            taken += chunk;
            if (inPage + chunk == PAGE) {
                pages.put(page);
                producer.wake();
            }
        }
        if (taken > 0) {
            released = from + taken;
            if (released == published) {
                pages.drained();
            }
        }
        return taken;
    }

    /// What [#handBack] could give back now, in bytes. Any thread; takes no lock.
    long idleBytes() {
        return pages.surplusBytes();
    }

    /// Gives up to `countMax` pages back that hold nothing in flight, down to the channel's
    /// minimum. Any thread, any time.
    ///
    /// @return how many
    int handBack(int countMax) {
        return pages.handBack(countMax);
    }

    /// Gives the pages back. Only when neither side will touch them again.
    void close() {
        pages.close();
    }
}
