package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.ProcessSize;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// What the end of a task that holds 1 GiB costs: until the call returns, until another task can
/// hold all of it, until the kernel counts it no more, and what a neighbour loses meanwhile.
///
/// Two ends are measured in one process. In the first another task takes everything at once,
/// without touching it; in the second nobody does, and this process's resident set is read every
/// millisecond until 99 % of the task's bytes are gone from it.
final class TaskEnd {
    private static final long NEIGHBOUR_BYTES = 64 * Budgets.MIB;
    private static final int QUIET_BUCKETS = 50;
    private static final int AFFECTED_BUCKETS = 20;

    private final MemoryManager manager;
    private final int pages;
    private final SampleFile samples;
    private final ProcessSize size;
    private final Map<String, Object> values = new LinkedHashMap<>();

    private TaskEnd(MemoryManager manager, int pages, SampleFile samples, ProcessSize size) {
        this.manager = manager;
        this.pages = pages;
        this.samples = samples;
        this.size = size;
    }

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        long bytes = arguments.number("mib", 1024) * Budgets.MIB;
        long timeoutMillis = arguments.number("rss-timeout-millis", 10_000);
        String file = arguments.text("samples", "");
        arguments.complete();
        SampleFile samples = new SampleFile("what", "millisSinceEnd", "value");
        try (MemoryManager manager = Budgets.create(bytes + NEIGHBOUR_BYTES);
                ProcessSize size = ProcessSize.ofSelf()) {
            TaskEnd end = new TaskEnd(manager, (int) (bytes / Budgets.PAGE_BYTES), samples, size);
            end.values.put("taskBytes", bytes);
            // Once for the classes and the compiler, then for the record.
            end.reuse();
            end.reuse();
            end.rssAndNeighbour(timeoutMillis);
            System.out.println(new ResultLine(end.values));
        }
        if (!file.isEmpty()) {
            samples.write(Path.of(file));
        }
    }

    private MemoryScope task() {
        MemoryScope scope = manager.openScope("task");
        PageLease lease = scope.leasePages(manager.managed(), "pages");
        for (int i = 0; i < pages; i++) {
            Touch.write(lease.allocatePage());
        }
        return scope;
    }

    private void reuse() {
        MemoryScope ending = task();
        long start = System.nanoTime();
        ending.closeAndReport();
        long returned = System.nanoTime();
        MemoryScope next = manager.openScope("next task");
        PageLease lease = next.leasePages(manager.managed(), "pages");
        for (int i = 0; i < pages; i++) {
            lease.allocatePage();
        }
        long reused = System.nanoTime();
        next.closeAndReport();
        values.put("closeMillis", (returned - start) / 1e6);
        values.put("reusedMillis", (reused - start) / 1e6);
    }

    private void rssAndNeighbour(long timeoutMillis) throws IOException, InterruptedException {
        long taskBytes = (long) pages * Budgets.PAGE_BYTES;
        MemoryScope ending = task();
        int buckets = (int) (timeoutMillis / 10) + 10 * QUIET_BUCKETS;
        try (Neighbour neighbour = Neighbour.start(manager, NEIGHBOUR_BYTES, buckets)) {
            // The neighbour's usual pace first; twice, since it is being compiled in the beginning.
            pauseMillis(3L * QUIET_BUCKETS * 10);
            long before = size.residentBytes();
            long start = System.nanoTime();
            ending.closeAndReport();
            values.put("closeBesideNeighbourMillis", (System.nanoTime() - start) / 1e6);
            long gone = before - taskBytes / 100 * 99;
            long now = size.residentBytes();
            long elapsed = System.nanoTime() - start;
            while (now > gone && elapsed < timeoutMillis * 1_000_000) {
                samples.add("rssBytes", elapsed / 1e6, now);
                pauseMillis(1);
                now = size.residentBytes();
                elapsed = System.nanoTime() - start;
            }
            samples.add("rssBytes", elapsed / 1e6, now);
            if (now <= gone) {
                values.put("rssBackMillis", elapsed / 1e6);
            } else {
                values.put("rssStillThereBytes", now - (before - taskBytes));
            }
            pauseMillis(2L * AFFECTED_BUCKETS * 10);
            int event = neighbour.bucketOf(start);
            long[] counts = neighbour.stop();
            int last = Math.min(counts.length - 1, neighbour.bucketOf(System.nanoTime())) - 1;
            for (int i = event - QUIET_BUCKETS; i < last; i++) {
                samples.add("neighbourReads", (i - event) * 10, counts[i]);
            }
            Dip dip = Dip.around(counts, event, QUIET_BUCKETS, AFFECTED_BUCKETS);
            values.put("dipMean", dip.mean());
            values.put("dipWorst", dip.worst());
            values.put("dipUsual", dip.usual());
        }
    }

    private static void pauseMillis(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
