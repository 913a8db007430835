package io.aquifer.benchmarks.pages;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Arrow's allocator: one child allocator a thread under one root, with debugging off. Where the
/// root gets memory from, Netty or `Unsafe`, is a system property of the fork.
public class ArrowPages extends ObjectPatterns<ArrowBuf> {
    @SuppressWarnings("NullAway.Init") // set by open, which JMH calls first
    private BufferAllocator allocator;

    @Setup(Level.Trial)
    public void open(Root root) {
        allocator = root.root.newChildAllocator("pages", 0, Root.BYTES);
    }

    @Override
    ArrowBuf acquire() {
        return allocator.buffer(Pattern.PAGE_BYTES);
    }

    @Override
    void release(ArrowBuf page) {
        page.close();
    }

    @Override
    void close() {
        allocator.close();
    }

    /// 1 GiB for all threads.
    @State(Scope.Benchmark)
    public static class Root {
        static final long BYTES = 1L << 30;

        final BufferAllocator root = new RootAllocator(BYTES);
    }
}
