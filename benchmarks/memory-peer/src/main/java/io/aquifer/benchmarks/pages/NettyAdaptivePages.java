package io.aquifer.benchmarks.pages;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Netty's adaptive allocator, the default since 4.2, with a cache for every thread.
public class NettyAdaptivePages extends ObjectPatterns<ByteBuf> {
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
        final ByteBufAllocator allocator = new AdaptiveByteBufAllocator(true, true);
    }
}
