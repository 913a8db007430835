package io.aquifer.benchmarks.memory;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.Percentiles;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import java.util.LinkedHashMap;
import java.util.Map;

/// How long one page takes while memory is free: within the pool's limit, and while the pool grows
/// from the reserve.
///
/// Each call is timed by itself; what the timer adds to each figure is measured too. Pages are not
/// touched, so no figure has a page fault of the kernel in it.
final class FreeGrants {
    private static final int WARM_UP_ROUNDS = 200;

    private final long[] samples;
    private int count;

    private FreeGrants(int samples) {
        this.samples = new long[samples];
    }

    public static void main(String[] given) {
        Arguments arguments = Arguments.parse(given);
        int samples = Math.toIntExact(arguments.number("samples", 1_000_000));
        int batch = Math.toIntExact(arguments.number("batch", 4096));
        int managers = Math.toIntExact(arguments.number("managers", 200));
        arguments.complete();

        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", "free");
        values.put("timerP50Nanos", timer());
        withinLimit(samples, batch).addTo(values, "grant");
        System.out.println(new ResultLine(values));

        values.clear();
        values.put("what", "reserve");
        fromReserve(managers, values);
        System.out.println(new ResultLine(values));
    }

    /// Batch by batch: each page is timed, then all are released.
    private static Percentiles withinLimit(int samples, int batch) {
        FreeGrants grants = new FreeGrants(samples + batch);
        long[] pages = new long[batch];
        try (MemoryManager manager = Budgets.create(2L * batch * Budgets.PAGE_BYTES);
                MemoryScope scope = manager.openScope("grants");
                PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            for (int round = 0; grants.count < samples; round++) {
                if (round == WARM_UP_ROUNDS) {
                    grants.count = 0;
                }
                for (int i = 0; i < batch; i++) {
                    long start = System.nanoTime();
                    pages[i] = lease.allocatePage();
                    grants.add(System.nanoTime() - start);
                }
                for (long page : pages) {
                    lease.releasePage(page);
                }
            }
        }
        return new Percentiles(grants.samples, grants.count);
    }

    /// Each manager starts with 1 MiB and takes pages until its reserve of 63 MiB is spent. A page
    /// during which the limit moved is a growth; which one that was is looked up outside the time.
    private static void fromReserve(int managers, Map<String, Object> values) {
        int pagesEach = (int) (64 * Budgets.MIB / Budgets.PAGE_BYTES);
        FreeGrants all = new FreeGrants(pagesEach * managers);
        FreeGrants growths = new FreeGrants(pagesEach * managers);
        for (int round = -WARM_UP_ROUNDS; round < managers; round++) {
            if (round == 0) {
                all.count = 0;
                growths.count = 0;
            }
            try (MemoryManager manager = Budgets.create(Budgets.MIB, 63 * Budgets.MIB);
                    MemoryScope scope = manager.openScope("grants");
                    PageLease lease = scope.leasePages(manager.managed(), "pages")) {
                long limit = manager.managed().limitBytes();
                for (int i = 0; i < pagesEach; i++) {
                    long start = System.nanoTime();
                    lease.allocatePage();
                    long nanos = System.nanoTime() - start;
                    all.add(nanos);
                    long now = manager.managed().limitBytes();
                    if (now != limit) {
                        growths.add(nanos);
                        limit = now;
                    }
                }
            }
        }
        new Percentiles(all.samples, all.count).addTo(values, "grant");
        new Percentiles(growths.samples, growths.count).addTo(values, "growth");
    }

    private static long timer() {
        long[] nothing = new long[100_000];
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < nothing.length; i++) {
                long start = System.nanoTime();
                nothing[i] = System.nanoTime() - start;
            }
        }
        return new Percentiles(nothing, nothing.length).at(50);
    }

    private void add(long nanos) {
        if (count < samples.length) {
            samples[count++] = nanos;
        }
    }
}
