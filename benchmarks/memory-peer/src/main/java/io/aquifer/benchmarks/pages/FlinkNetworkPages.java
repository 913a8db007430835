package io.aquifer.benchmarks.pages;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.runtime.io.network.buffer.BufferPool;
import org.apache.flink.runtime.io.network.buffer.NetworkBufferPool;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.io.IOException;
import java.util.Objects;

/// Flink's network memory: one `LocalBufferPool` a thread, as result partitions have, of a fixed
/// size, so that nothing is redistributed; `requestMemorySegment` and `recycle`, its shortest way.
public class FlinkNetworkPages extends ObjectPatterns<MemorySegment> {
    @SuppressWarnings("NullAway.Init") // set by open, which JMH calls first
    private BufferPool pool;

    @Setup(Level.Trial)
    public void open(Network network) throws IOException {
        synchronized (network) {
            pool =
                    network.pool.createBufferPool(
                            Pattern.MOST_PAGES_PER_THREAD, Pattern.MOST_PAGES_PER_THREAD);
        }
    }

    @Override
    MemorySegment acquire() {
        return Objects.requireNonNull(pool.requestMemorySegment(), "the pool is empty");
    }

    @Override
    void release(MemorySegment page) {
        pool.recycle(page);
    }

    @Override
    void close() {
        pool.lazyDestroy();
    }

    /// Segments for all threads.
    @State(Scope.Benchmark)
    public static class Network {
        @SuppressWarnings("NullAway.Init") // set by create, which JMH calls first
        NetworkBufferPool pool;

        @Setup(Level.Trial)
        public void create() {
            pool =
                    new NetworkBufferPool(
                            Pattern.MOST_PAGES_PER_THREAD * Pattern.MOST_THREADS,
                            Pattern.PAGE_BYTES);
        }
    }
}
