package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.memory.ManagedBitSet;
import io.aquifer.api.memory.ManagedBloomFilter;
import io.aquifer.api.memory.ManagedList;
import io.aquifer.api.memory.ManagedMap;
import io.aquifer.api.memory.ManagedMemory;
import io.aquifer.api.memory.ManagedPages;
import io.aquifer.api.memory.ManagedSorter;
import io.aquifer.api.memory.SortedIterator;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.types.TypeInformation;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Jobs of two subtasks whose functions use every structure at once, and sort more than their
/// memory: what they give, and that neither memory nor a file is left.
@ExtendWith(LeakGuard.class)
@Timeout(120)
class ManagedMemoryJobTest {
    private static final long RECORDS = 100_000;
    private static final String PADDING = "p".repeat(400);

    @TempDir Path temporary;

    @BeforeEach
    void spillIntoTheTestsDirectory() {
        System.setProperty("aquifer.spill.dir", temporary.resolve("spill").toString());
    }

    @AfterEach
    void spillWhereOthersDo() {
        System.clearProperty("aquifer.spill.dir");
    }

    /// What a subtask puts out: its number and an element.
    record Out(int subtask, long value) {}

    /// Sorts all records of its subtask by their negation, and keeps books of them in every other
    /// structure.
    static final class EveryStructure extends KeyedProcessFunction<Long, Long, Out> {
        private static final long serialVersionUID = 1L;

        private final long failAt;
        private transient ManagedMap<Long, Long> perKey;
        private transient ManagedList<Long> firsts;
        private transient ManagedSorter<String> sorter;
        private transient ManagedBitSet present;
        private transient ManagedBloomFilter<Long> seen;
        private transient ManagedPages pages;
        private transient MemorySegment counts;
        private transient boolean registered;

        EveryStructure(long failAt) {
            this.failAt = failAt;
        }

        @Override
        public void open() {
            ManagedMemory memory = getRuntimeContext().getManagedMemory();
            TypeInformation<Long> type = TypeInformation.of(Long.class);
            perKey = memory.map("per key", type, type);
            firsts = memory.list("firsts", type);
            sorter =
                    memory.sorter(
                            "sorter",
                            TypeInformation.of(String.class),
                            Comparator.comparingLong(EveryStructure::number).reversed());
            present = memory.bitSet("present", RECORDS + 1);
            seen = memory.bloomFilter("seen", type, RECORDS, 0.01);
            pages = memory.pages("pages");
            counts = pages.allocate();
            counts.fill((byte) 0);
            for (long key = 0; key < 64; key++) {
                perKey.put(key, 0L);
            }
        }

        private static long number(String element) {
            return Long.parseLong(element.substring(PADDING.length()));
        }

        @Override
        public void processElement(Long record, Context<Long> ctx, Collector<Out> out) {
            if (!registered) {
                registered = true;
                ctx.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
            }
            if (record == failAt) {
                throw new IllegalStateException("as told");
            }
            Long before = perKey.get(ctx.getCurrentKey());
            perKey.put(ctx.getCurrentKey(), before == null ? 1 : before + 1);
            if (firsts.size() < 100) {
                firsts.add(record);
            }
            present.set(record);
            seen.add(record);
            sorter.add(PADDING + record);
            counts.setAtIndex(JAVA_LONG, 3, counts.getAtIndex(JAVA_LONG, 3) + 1);
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext<Long> ctx, Collector<Out> out) {
            long[] counted = {0};
            perKey.forEach((key, count) -> counted[0] += count);
            require(counted[0] == sorter.size(), "map");
            require(counts.getAtIndex(JAVA_LONG, 3) == sorter.size(), "pages");
            require(present.cardinality() == sorter.size(), "bit set");
            for (long first : firsts) {
                require(present.get(first) && seen.mightContain(first), "firsts");
            }
            try (SortedIterator<String> sorted = sorter.sorted()) {
                while (sorted.hasNext()) {
                    long value = number(sorted.next());
                    require(present.get(value) && seen.mightContain(value), "sorted");
                    out.collect(new Out(getRuntimeContext().getIndexOfThisSubtask(), value));
                }
            }
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new IllegalStateException(what + " disagrees");
            }
        }
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("16");
        env.setParallelism(2);
        return env;
    }

    private List<Path> filesLeft() throws IOException {
        try (Stream<Path> files = Files.list(temporary.resolve("spill"))) {
            return files.toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void twoSubtasks_sortMoreThanTheirMemory_andLeaveNothing(StateBackend backend)
            throws Exception {
        StreamExecutionEnvironment env = environment().setStateBackend(backend);
        List<Out> outs = new ArrayList<>();
        env.fromSequence(1, RECORDS)
                .keyBy(record -> record % 64)
                .process(new EveryStructure(0))
                .collect(outs::add)
                .setParallelism(1);
        env.execute("structures");
        Map<Integer, List<Long>> perSubtask = new TreeMap<>();
        outs.forEach(
                out ->
                        perSubtask
                                .computeIfAbsent(out.subtask(), none -> new ArrayList<>())
                                .add(out.value()));
        assertThat(perSubtask.keySet()).containsExactly(0, 1);
        boolean[] seen = new boolean[(int) RECORDS + 1];
        for (List<Long> values : perSubtask.values()) {
            long before = Long.MAX_VALUE;
            for (long value : values) {
                if (value >= before || seen[(int) value]) {
                    throw new AssertionError(value + " comes after " + before + ", or twice");
                }
                seen[(int) value] = true;
                before = value;
            }
        }
        assertThat(outs).hasSize((int) RECORDS);
        // The directory is there, since files were, and 40 MB do not fit into 16.
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void failureInTheMiddle_leavesNothing() throws Exception {
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, RECORDS)
                .keyBy(record -> record % 64)
                .process(new EveryStructure(RECORDS / 2 + 30_000))
                .collect(out -> {});
        assertThatThrownBy(() -> env.execute("structures")).hasMessageContaining("as told");
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void diskThatRefuses_failsTheJobWithTheDirectoryAndTheRemedy() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "in the way");
        System.setProperty("aquifer.spill.dir", file.toString());
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, RECORDS)
                .keyBy(record -> record % 64)
                .process(new EveryStructure(0))
                .collect(out -> {});
        assertThatThrownBy(() -> env.execute("structures"))
                .message()
                .matches(
                        "(?s)job 'structures' failed: operator 'keyed process'"
                                + " \\(ManagedMemoryJobTest\\.java:\\d+\\), subtask ./2: cannot"
                                + " spill records of 'structures / .* / sorter' to .*file:"
                                + " FileAlreadyExistsException: .*file, with 0\\.0 MiB of its"
                                + " records there already\\. No record was lost.* name another"
                                + " directory with --spill-dir or -Daquifer\\.spill\\.dir=DIR.*");
    }
}
