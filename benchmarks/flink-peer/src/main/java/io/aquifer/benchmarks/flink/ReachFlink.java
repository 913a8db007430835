package io.aquifer.benchmarks.flink;

import io.aquifer.benchmarks.Arguments;
import io.aquifer.benchmarks.HotKeys;
import io.aquifer.benchmarks.ResultLine;
import io.aquifer.benchmarks.SampleFile;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.memory.MemoryAllocationException;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// The reach of one hot task on Flink: the same keys, kept in the managed memory of the task's slot
/// by [PagedKeys], until Flink refuses a page.
final class ReachFlink {
    /// As on Aquifer.
    private static final long KEYS_FOR_ALL = 4096;

    private final SampleFile samples = new SampleFile("millis", "task", "bytes");
    private final int slots;
    private final long start = System.nanoTime();
    private volatile boolean stopped;

    private ReachFlink(int slots) {
        this.slots = slots;
    }

    public static void main(String[] given) throws Exception {
        Arguments arguments = Arguments.parse(given);
        int slots = Math.toIntExact(arguments.number("slots", 4));
        long managed = arguments.number("managed-mib", 256) << 20;
        long records = arguments.number("records", 400_000_000);
        String file = arguments.text("samples", "");
        arguments.complete();
        for (long key = 0; key < KEYS_FOR_ALL; key++) {
            int subtask = KeyGroupRangeAssignment.assignKeyToParallelOperator(key, 128, slots);
            if (subtask != HotKeys.subtaskOf(key, slots)) {
                throw new IllegalStateException(
                        "key " + key + " is subtask " + subtask + "'s in Flink, not the hot one's");
            }
        }
        ReachFlink reach = new ReachFlink(slots);
        Thread sampler = Thread.ofPlatform().daemon().start(reach::sample);
        String explanation = reach.run(managed, records);
        reach.stopped = true;
        sampler.join();
        System.out.println(reach.result(managed, explanation));
        if (!file.isEmpty()) {
            reach.samples.write(Path.of(file));
        }
    }

    /// What it failed with, or nothing.
    private String run(long managed, long records) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, new MemorySize(managed));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        int hotOf = slots;
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(slots, configuration);
        env.getConfig().enableObjectReuse();
        env.fromSequence(0, records - 1)
                .filter(key -> key < KEYS_FOR_ALL || HotKeys.subtaskOf(key, hotOf) == 0)
                .keyBy(key -> key, Types.LONG)
                .transform("count", Types.LONG, new PagedKeys())
                .sinkTo(new DiscardingSink<>());
        try {
            env.execute("reach");
            return "";
        } catch (Exception failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof MemoryAllocationException) {
                    return String.valueOf(cause.getMessage());
                }
            }
            throw failed;
        }
    }

    private void sample() {
        boolean last;
        do {
            last = stopped;
            double millis = (System.nanoTime() - start) / 1e6;
            for (int task = 0; task < slots; task++) {
                samples.add(millis, task + 1, PagedKeys.heldBytes(task));
            }
            LockSupport.parkNanos(50_000_000);
        } while (!last);
    }

    private ResultLine result(long managed, String explanation) {
        long others = 0;
        for (int task = 1; task < slots; task++) {
            others += PagedKeys.mostBytes(task);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", "flink");
        values.put("managedBytes", managed);
        values.put("hotBytes", PagedKeys.mostBytes(0));
        values.put("hotShare", PagedKeys.mostBytes(0) / (double) managed);
        values.put("othersBytes", others);
        values.put("slotBytes", PagedKeys.slotBytes());
        values.put("outcome", explanation.isEmpty() ? "finished" : "exhausted");
        if (!explanation.isEmpty()) {
            values.put("explanation", explanation);
        }
        return new ResultLine(values);
    }
}
