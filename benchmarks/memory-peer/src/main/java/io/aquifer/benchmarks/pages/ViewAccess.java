package io.aquifer.benchmarks.pages;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aquifer.memory.PageLease;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

import java.lang.foreign.MemorySegment;

/// Aquifer's checked mode: a view a page, its bounds and its life checked; the life is that of one
/// shared arena, as a task attempt has.
@OperationsPerInvocation(AccessShape.ACCESSES)
public class ViewAccess extends AccessShape {
    private MemorySegment[] pages = new MemorySegment[0];

    @Override
    void open(int count) {
        PageLease lease = KernelAccess.lease(count);
        pages = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            pages[i] = lease.view(lease.allocatePage());
            pages[i].fill((byte) 1);
        }
    }

    @Benchmark
    public long sequentialSum() {
        MemorySegment page = pages[nextPage()];
        long sum = 0;
        for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
            sum += page.get(JAVA_LONG, offset);
        }
        return sum;
    }

    @Benchmark
    public void sequentialUpdate() {
        MemorySegment page = pages[nextPage()];
        for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
            page.set(JAVA_LONG, offset, page.get(JAVA_LONG, offset) + 1);
        }
    }

    @Benchmark
    public long randomSum() {
        long sum = 0;
        int shift = nextShift();
        for (int fixed : places) {
            int place = moved(fixed, shift);
            sum += pages[page(place)].get(JAVA_LONG, offset(place));
        }
        return sum;
    }

    @Benchmark
    public void randomUpdate() {
        int shift = nextShift();
        for (int fixed : places) {
            int place = moved(fixed, shift);
            MemorySegment page = pages[page(place)];
            int offset = offset(place);
            page.set(JAVA_LONG, offset, page.get(JAVA_LONG, offset) + 1);
        }
    }
}
