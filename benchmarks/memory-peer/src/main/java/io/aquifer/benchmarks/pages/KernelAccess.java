package io.aquifer.benchmarks.pages;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.kernel.PageAccess;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/// Aquifer's kernel mode: by address, unchecked.
@OperationsPerInvocation(AccessShape.ACCESSES)
public class KernelAccess extends AccessShape {
    private long[] pages = new long[0];

    @Override
    void open(int count) {
        pages = pagesOf(count);
    }

    /// A lease for so many pages, of a manager that ends with the process.
    static PageLease lease(int count) {
        long bytes = (long) count * Pattern.PAGE_BYTES;
        MemoryManager manager = MemoryManager.create(new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0));
        return manager.openScope("access").leasePages(manager.managed(), "pages");
    }

    private static long[] pagesOf(int count) {
        PageLease lease = lease(count);
        long[] pages = new long[count];
        for (int i = 0; i < count; i++) {
            pages[i] = lease.allocatePage();
            PageAccess.fill(pages[i], Pattern.PAGE_BYTES, (byte) 1);
        }
        return pages;
    }

    @Benchmark
    public long sequentialSum() {
        long page = pages[nextPage()];
        long sum = 0;
        for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
            sum += PageAccess.getLong(page + offset);
        }
        return sum;
    }

    @Benchmark
    public void sequentialUpdate() {
        long page = pages[nextPage()];
        for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
            PageAccess.putLong(page + offset, PageAccess.getLong(page + offset) + 1);
        }
    }

    @Benchmark
    public long randomSum() {
        long sum = 0;
        int shift = nextShift();
        for (int fixed : places) {
            int place = moved(fixed, shift);
            sum += PageAccess.getLong(pages[page(place)] + offset(place));
        }
        return sum;
    }

    @Benchmark
    public void randomUpdate() {
        int shift = nextShift();
        for (int fixed : places) {
            int place = moved(fixed, shift);
            long address = pages[page(place)] + offset(place);
            PageAccess.putLong(address, PageAccess.getLong(address) + 1);
        }
    }
}
