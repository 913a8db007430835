package io.aquifer.benchmarks.pages;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Netty's pooled allocator with its defaults, except that every thread has a cache: by default
/// only Netty's own threads have one.
public class NettyPooledPages extends ObjectPatterns<ByteBuf> {
    @SuppressWarnings("NullAway.Init") // set by open, which JMH calls first
    private ByteBufAllocator allocator;

    @Setup
    public void open(Allocator of) {
        allocator = of.allocator;
    }

    @Override
    ByteBuf acquire() {
        return allocator.directBuffer(Pattern.PAGE_BYTES, Pattern.PAGE_BYTES);
    }

    @Override
    void release(ByteBuf page) {
        page.release();
    }

    /// One allocator for all threads.
    @State(Scope.Benchmark)
    public static class Allocator {
        final ByteBufAllocator allocator =
                new PooledByteBufAllocator(
                        true,
                        PooledByteBufAllocator.defaultNumHeapArena(),
                        PooledByteBufAllocator.defaultNumDirectArena(),
                        PooledByteBufAllocator.defaultPageSize(),
                        PooledByteBufAllocator.defaultMaxOrder(),
                        PooledByteBufAllocator.defaultSmallCacheSize(),
                        PooledByteBufAllocator.defaultNormalCacheSize(),
                        true);
    }
}
