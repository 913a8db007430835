package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.KeySequence;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.kernel.PageAccess;

import java.util.Arrays;

/// A task that reads at random in its own pages and counts how many reads it does in each 10 ms.
///
/// **Threads.** A thread of its own; the counts are read after [#stop].
final class Neighbour implements AutoCloseable {
    static final long BUCKET_NANOS = 10_000_000;
    private static final int READS_PER_LOOK = 512;

    private final MemoryScope scope;
    private final PageLease lease;
    private final long[] pages;
    private final long[] buckets;
    private final long start;
    private final Worker worker;
    private volatile boolean stopped;
    private volatile long sum;

    private Neighbour(MemoryManager manager, long bytes, int buckets) {
        scope = manager.openScope("neighbour");
        lease = scope.leasePages(manager.managed(), "pages");
        pages = new long[(int) (bytes / Budgets.PAGE_BYTES)];
        Arrays.setAll(pages, i -> lease.allocatePage());
        for (long page : pages) {
            Touch.write(page);
        }
        this.buckets = new long[buckets];
        start = System.nanoTime();
        worker = Worker.start("neighbour", this::read);
    }

    /// @param buckets for how many times 10 ms it counts
    static Neighbour start(MemoryManager manager, long bytes, int buckets) {
        return new Neighbour(manager, bytes, buckets);
    }

    /// The bucket that `nanoTime` falls into.
    int bucketOf(long nanoTime) {
        return (int) ((nanoTime - start) / BUCKET_NANOS);
    }

    /// Ends the thread; the counts are complete then.
    long[] stop() {
        stopped = true;
        worker.end();
        return buckets;
    }

    @Override
    public void close() {
        stop();
        lease.close();
        scope.close();
    }

    private void read() {
        KeySequence places = new KeySequence(1, (long) pages.length * Budgets.PAGE_BYTES / 8);
        int longsPerPage = Budgets.PAGE_BYTES / 8;
        long read = 0;
        while (!stopped) {
            for (int i = 0; i < READS_PER_LOOK; i++) {
                long place = places.next();
                read +=
                        PageAccess.getLong(
                                pages[(int) (place / longsPerPage)] + place % longsPerPage * 8);
            }
            int bucket = bucketOf(System.nanoTime());
            if (bucket < buckets.length) {
                buckets[bucket] += READS_PER_LOOK;
            }
        }
        sum = read;
    }
}
