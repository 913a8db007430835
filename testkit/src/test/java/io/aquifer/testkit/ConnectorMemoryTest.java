package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Source;
import io.aquifer.api.connector.SourceOutput;
import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.TaskManager;
import io.aquifer.memory.Holder;
import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// What a source keeps on the Java heap is charged to operation memory while it reads, as a sink's
/// is, and given back with each split.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class ConnectorMemoryTest {
    private static final long KIB = 1024;

    /// Two splits of ten numbers, whose readers have a buffer that grows with every number.
    ///
    /// @param charged gets what is charged at each call of a reader
    private record BufferedSource(long bytesEach, List<Long> charged) implements Source<Long> {
        @Override
        public String name() {
            return "buffered";
        }

        @Override
        public TypeInformation<Long> producedType() {
            return TypeInformation.of(Long.class);
        }

        @Override
        public List<SourceSplit> splits() {
            return List.of(new SourceSplit("a", 0, 10), new SourceSplit("b", 0, 10));
        }

        @Override
        public SourceReader<Long> createReader(SourceSplit split, long position) {
            return new SourceReader<>() {
                private long next = position;

                @Override
                public boolean read(SourceOutput<Long> output, int most) {
                    charged.add(held());
                    if (next == split.end()) {
                        return false;
                    }
                    output.collect(next++);
                    return true;
                }

                @Override
                public long position() {
                    return next;
                }

                @Override
                public long heapBytes() {
                    return (next + 1) * bytesEach;
                }

                @Override
                public void close() {}
            };
        }
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("32");
        env.setParallelism(1);
        return env;
    }

    @Test
    void reader_thatKeepsMore_isChargedBetweenBatchesAndForEachSplitAnew() throws Exception {
        StreamExecutionEnvironment env = environment();
        List<Long> charged = new CopyOnWriteArrayList<>();
        env.fromSource(
                        new BufferedSource(64 * KIB, charged),
                        WatermarkStrategy.noWatermarks(),
                        "buffered")
                .collect(number -> {});

        env.execute("reading");

        assertThat(charged).hasSize(2 * 11);
        for (int call = 0; call < charged.size(); call++) {
            assertThat(charged.get(call)).as("call %d", call).isEqualTo((call % 11 + 1) * 64 * KIB);
        }
    }

    private static long held() {
        return TaskManager.get().memoryStatistics().orElseThrow().holders().stream()
                .filter(holder -> holder.pool().equals("operation"))
                .filter(holder -> holder.owner().endsWith(" / buffered / connector"))
                .mapToLong(Holder::bytes)
                .sum();
    }

    @Test
    void reader_thatKeepsMoreThanThereIs_failsTheJobAndIsNamed() {
        StreamExecutionEnvironment env = environment();
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        env.fromSource(
                        new BufferedSource(1024 * KIB, new CopyOnWriteArrayList<>()),
                        WatermarkStrategy.noWatermarks(),
                        "buffered")
                .map(number -> number)
                .sinkTo(sink);

        assertThatThrownBy(() -> env.execute("reading"))
                .hasRootCauseInstanceOf(MemoryExhaustedException.class)
                .message()
                .matches(
                        "(?s)job 'reading' failed: operator 'buffered'"
                                + " \\(ConnectorMemoryTest\\.java:\\d+\\), subtask 1/1: cannot"
                                + " allocate 1\\.0 MiB for '.* / buffered / connector': pool"
                                + " 'operation' has .* of 4\\.0 MiB free.*");
        assertThat(sink.committed).isEmpty();
        assertThat(sink.aborted).hasValue(1);
    }
}
