package io.aquifer.benchmarks;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// What one sink saw and when: adds up its records and notes the time at every 65,536th.
///
/// Used by the sink's thread; [RunLog] reads it after the job has ended.
public final class SinkLog {
    static final int STRIDE = 1 << 16;
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final List<Mark> marks = new ArrayList<>();
    private long records;
    private long sum;

    SinkLog() {}

    public void add(long count) {
        sum += count;
        if ((++records & (STRIDE - 1)) == 0) {
            marks.add(new Mark(STRIDE, System.nanoTime(), SYSTEM.getProcessCpuTime()));
        }
    }

    List<Mark> marks() {
        return marks;
    }

    KeyedCountPlan.Tally tally() {
        return new KeyedCountPlan.Tally(records, sum);
    }

    /// A moment in a run.
    ///
    /// @param records how many records arrived since this sink's mark before
    /// @param nanos [System#nanoTime]
    /// @param cpuNanos what the process has used of all CPUs up to now
    record Mark(long records, long nanos, long cpuNanos) {}
}
