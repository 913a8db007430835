package io.aquifer.benchmarks;

import com.sun.management.GarbageCollectionNotificationInfo;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/// One run, seen from inside the engine's own JVM: collects the sinks' logs and says what the run
/// measured.
///
/// The rate is taken in steady state: from the moment when the sinks together passed the plan's
/// warm-up to the last moment any of them noted. The JVM's start, the job's start, compilation of
/// the hot path and the first insertion of the keys all lie before; nothing is subtracted.
///
/// A process has one run log, since an engine creates its sinks where it likes. **Threads**:
/// [#openSink] from any thread; everything else from the thread that runs the job.
public final class RunLog {
    private static final RunLog RUN = new RunLog();

    private final List<SinkLog> sinks = new ArrayList<>();
    private final AtomicLong longestPauseMillis = new AtomicLong();

    RunLog() {}

    /// A log for one more sink of this process's run.
    public static SinkLog openSink() {
        return RUN.open();
    }

    /// Runs the job and prints one line that the benchmark reads: `result name=value ...`.
    ///
    /// @throws IllegalStateException when the sinks did not see exactly the plan's records and
    ///   counts
    public static void run(KeyedCountPlan plan, Job job) throws Exception {
        RUN.watchPauses();
        long start = System.nanoTime();
        job.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        // Before the check: its own array must not count.
        long peakRss = peakRssBytes();
        long longestPause = RUN.longestPauseMillis.get();
        long pauses = collectionMillis();
        RUN.check(plan.expected());
        Map<String, Object> values = new LinkedHashMap<>(RUN.steady(plan.warmup()));
        values.put("jobSeconds", seconds);
        values.put("gcMillis", pauses);
        values.put("longestGcPauseMillis", longestPause);
        values.put("peakRssBytes", peakRss);
        StringBuilder line = new StringBuilder("result");
        values.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
        System.out.println(line);
    }

    synchronized SinkLog open() {
        SinkLog log = new SinkLog();
        sinks.add(log);
        return log;
    }

    /// The steady part's rate, seconds and CPU seconds.
    synchronized Map<String, Object> steady(long warmup) {
        List<SinkLog.Mark> marks = new ArrayList<>();
        sinks.forEach(sink -> marks.addAll(sink.marks()));
        marks.sort(Comparator.comparingLong(SinkLog.Mark::nanos));
        long seen = 0;
        int first = 0;
        while (first < marks.size()) {
            seen += marks.get(first).records();
            if (seen >= warmup) {
                break;
            }
            first++;
        }
        if (first >= marks.size() - 1) {
            throw new IllegalStateException(
                    "nothing to measure: the sinks noted "
                            + marks.size()
                            + " moments, one every "
                            + SinkLog.STRIDE
                            + " records, of which "
                            + first
                            + " lie in the warm-up of "
                            + warmup
                            + " records. Run more records");
        }
        SinkLog.Mark begin = marks.get(first);
        SinkLog.Mark end = marks.getLast();
        long measured = 0;
        for (SinkLog.Mark mark : marks.subList(first + 1, marks.size())) {
            measured += mark.records();
        }
        double seconds = (end.nanos() - begin.nanos()) / 1e9;
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("recordsPerSecond", Math.round(measured / seconds));
        values.put("measuredRecords", measured);
        values.put("measuredSeconds", seconds);
        values.put("cpuSeconds", (end.cpuNanos() - begin.cpuNanos()) / 1e9);
        return values;
    }

    synchronized void check(KeyedCountPlan.Tally expected) {
        long records = 0;
        long sum = 0;
        for (SinkLog sink : sinks) {
            records += sink.tally().records();
            sum += sink.tally().sum();
        }
        if (records != expected.records() || sum != expected.sum()) {
            throw new IllegalStateException(
                    "wrong result: "
                            + sinks.size()
                            + " sinks saw "
                            + records
                            + " records whose counts add up to "
                            + sum
                            + ", expected "
                            + expected.records()
                            + " records and "
                            + expected.sum());
        }
    }

    private void watchPauses() {
        for (GarbageCollectorMXBean collector : pausingCollectors()) {
            ((NotificationEmitter) collector)
                    .addNotificationListener(
                            (notification, handback) -> {
                                if (notification
                                        .getType()
                                        .equals(
                                                GarbageCollectionNotificationInfo
                                                        .GARBAGE_COLLECTION_NOTIFICATION)) {
                                    long millis =
                                            GarbageCollectionNotificationInfo.from(
                                                            (CompositeData)
                                                                    notification.getUserData())
                                                    .getGcInfo()
                                                    .getDuration();
                                    longestPauseMillis.accumulateAndGet(millis, Math::max);
                                }
                            },
                            null,
                            null);
        }
    }

    private static long collectionMillis() {
        return pausingCollectors().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    /// Leaves out the beans that time concurrent phases, which stop nobody.
    private static List<GarbageCollectorMXBean> pausingCollectors() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(
                        bean ->
                                !bean.getName().contains("Concurrent")
                                        && !bean.getName().contains("Cycles"))
                .toList();
    }

    /// The kernel's high-water mark of this process's resident memory, -1 where there is none to
    /// read.
    private static long peakRssBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return -1;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return -1;
    }

    /// What an engine does with the workload, from the first line of the job to its end.
    public interface Job {
        void run() throws Exception;
    }
}
