package io.aquifer.benchmarks.pages;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.runtime.memory.MemoryAllocationException;
import org.apache.flink.runtime.memory.MemoryManager;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.util.ArrayList;
import java.util.List;

/// Flink's managed memory: `MemoryManager.allocatePages` of one page and `release`, one owner a
/// thread.
///
/// All threads share one manager, as the operators of a slot do. The list that receives the page is
/// made once.
public class FlinkManagedPages extends ObjectPatterns<MemorySegment> {
    private final Object owner = new Object();

    /// Emptied after each page. The hand-over's other thread only releases.
    private final List<MemorySegment> received = new ArrayList<>(1);

    @SuppressWarnings("NullAway.Init") // set by open, which JMH calls first
    private MemoryManager manager;

    @Setup(Level.Trial)
    public void open(Slot slot) {
        manager = slot.manager;
    }

    @Override
    MemorySegment acquire() {
        try {
            manager.allocatePages(owner, received, 1);
        } catch (MemoryAllocationException e) {
            throw new IllegalStateException(e);
        }
        return received.removeLast();
    }

    @Override
    void release(MemorySegment page) {
        manager.release(page);
    }

    /// 1 GiB of managed memory.
    @State(Scope.Benchmark)
    public static class Slot {
        @SuppressWarnings("NullAway.Init") // set by create, which JMH calls first
        MemoryManager manager;

        @Setup(Level.Trial)
        public void create() {
            manager = MemoryManager.create(1L << 30, Pattern.PAGE_BYTES);
        }
    }
}
