package io.aquifer.benchmarks.pages;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/// Flink's `MemorySegment` off the heap, as its managed memory hands out: bounds and life checked
/// by Flink itself, over `Unsafe`.
@OperationsPerInvocation(AccessShape.ACCESSES)
public class FlinkAccess extends AccessShape {
    private MemorySegment[] pages = new MemorySegment[0];

    @Override
    void open(int count) {
        pages = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            pages[i] = MemorySegmentFactory.allocateOffHeapUnsafeMemory(Pattern.PAGE_BYTES);
            for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
                pages[i].putLong(offset, 1);
            }
        }
    }

    @Benchmark
    public long sequentialSum() {
        MemorySegment page = pages[nextPage()];
        long sum = 0;
        for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
            sum += page.getLong(offset);
        }
        return sum;
    }

    @Benchmark
    public void sequentialUpdate() {
        MemorySegment page = pages[nextPage()];
        for (int offset = 0; offset < Pattern.PAGE_BYTES; offset += 8) {
            page.putLong(offset, page.getLong(offset) + 1);
        }
    }

    @Benchmark
    public long randomSum() {
        long sum = 0;
        int shift = nextShift();
        for (int fixed : places) {
            int place = moved(fixed, shift);
            sum += pages[page(place)].getLong(offset(place));
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
            page.putLong(offset, page.getLong(offset) + 1);
        }
    }
}
