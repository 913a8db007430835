package io.aquifer.benchmarks.pages;

import io.netty.util.concurrent.DefaultThreadFactory;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs JMH's benchmark threads as threads of Netty's own kind, which find their caches faster; JMH
/// makes it by its name in a system property.
public final class NettyThreads extends ThreadPoolExecutor {
    /// @param threads as many as the benchmark runs
    /// @param prefix of the threads' names
    public NettyThreads(int threads, String prefix) {
        super(
                threads,
                threads,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(prefix));
    }
}
