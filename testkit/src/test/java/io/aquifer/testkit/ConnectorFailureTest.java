package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.EnumSet;

/// Sources and sinks that fail in each of their calls.
///
/// Goal: the message names the operator, its line and the cause; every sink is either committed or
/// aborted, every reader and writer closed; nothing of the job is left.
@ExtendWith(LeakGuard.class)
@Timeout(60)
class ConnectorFailureTest {
    private final StreamExecutionEnvironment env =
            StreamExecutionEnvironment.getExecutionEnvironment();

    ConnectorFailureTest() {
        env.setMemory("32");
        env.setParallelism(2);
    }

    @ParameterizedTest
    @EnumSource(value = FaultySource.Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void source_thatFails_abortsTheSinksAndIsNamedWithItsLine(FaultySource.Fault fault) {
        FaultySource source = new FaultySource(fault);
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers")
                .rebalance()
                .sinkTo(sink);
        String subtask = fault == FaultySource.Fault.SPLITS ? "" : ", subtask \\d/2";
        String outcome = fault == FaultySource.Fault.SPLITS ? "did not start" : "failed";
        assertThatThrownBy(() -> env.execute("reading"))
                .message()
                .matches(
                        "job 'reading' "
                                + outcome
                                + ": operator 'numbers' \\(ConnectorFailureTest\\.java:\\d+\\)"
                                + subtask
                                + ": numbers\\.txt: broken in "
                                + fault);
        assertThat(sink.aborted)
                .as("without splits the sink is not touched")
                .hasValue(fault == FaultySource.Fault.SPLITS ? 0 : 1);
        assertThat(sink.closed).hasValue(sink.opened.get());
        assertThat(sink.committed).isEmpty();
        assertThat(sink.openWriters).hasValue(0);
        assertThat(source.openReaders).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource(value = FaultySink.Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void sink_thatFails_isAbortedAndNamedWithItsLine(FaultySink.Fault fault) {
        FaultySource source = new FaultySource(FaultySource.Fault.NONE);
        FaultySink<Long> sink = new FaultySink<>("out", fault);
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers")
                .rebalance()
                .sinkTo(sink);
        boolean once =
                EnumSet.of(FaultySink.Fault.OPEN, FaultySink.Fault.PERSIST, FaultySink.Fault.COMMIT)
                        .contains(fault);
        String record = fault == FaultySink.Fault.WRITE ? ", on record \\d+" : "";
        assertThatThrownBy(() -> env.execute("writing"))
                .message()
                .matches(
                        "job 'writing' "
                                + (fault == FaultySink.Fault.OPEN ? "did not start" : "failed")
                                + ": operator 'out' \\(ConnectorFailureTest\\.java:\\d+\\)"
                                + (once ? "" : ", subtask \\d/2")
                                + ": out\\.csv: broken in "
                                + fault
                                + record);
        assertThat(sink.aborted)
                .as("a sink that did not open left nothing")
                .hasValue(fault == FaultySink.Fault.OPEN ? 0 : 1);
        assertThat(sink.committed).isEmpty();
        assertThat(sink.openWriters).hasValue(0);
        assertThat(source.openReaders).hasValue(0);
    }

    @Test
    void commit_thatFails_leavesTheSinksCommittedBeforeAndAbortsTheRest() {
        FaultySink<Long> first = new FaultySink<>("first", FaultySink.Fault.NONE);
        FaultySink<Long> second = new FaultySink<>("second", FaultySink.Fault.COMMIT);
        FaultySink<Long> third = new FaultySink<>("third", FaultySink.Fault.NONE);
        var stream = env.fromSequence(1, 100);
        stream.sinkTo(first);
        stream.sinkTo(second);
        stream.sinkTo(third);
        assertThatThrownBy(() -> env.execute("three sinks"))
                .hasMessageContaining("operator 'second' (ConnectorFailureTest.java:")
                .hasMessageContaining("out.csv: broken in COMMIT");
        assertThat(first.committed).hasSize(1);
        assertThat(first.aborted)
                .as("a sink is aborted instead of committed, not after")
                .hasValue(0);
        assertThat(second.aborted).hasValue(1);
        assertThat(third.committed).isEmpty();
        assertThat(third.aborted).hasValue(1);
    }

    @Test
    void open_thatFails_abortsTheSinksOpenedBefore() {
        FaultySink<Long> first = new FaultySink<>("first", FaultySink.Fault.NONE);
        FaultySink<Long> second = new FaultySink<>("second", FaultySink.Fault.OPEN);
        var stream = env.fromSequence(1, 100);
        stream.sinkTo(first);
        stream.sinkTo(second);
        assertThatThrownBy(() -> env.execute("two sinks"))
                .hasMessageContaining("did not start: operator 'second'");
        assertThat(first.opened).hasValue(1);
        assertThat(first.aborted).hasValue(1);
    }

    @Test
    void finishedJob_commitsOnceWithWhatTheWritersReturned_bySubtask() throws Exception {
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        env.fromSequence(1, 10_000).rebalance().sinkTo(sink).setParallelism(4);
        env.execute("writing");
        assertThat(sink.committed).hasSize(1);
        assertThat(sink.committed.getFirst())
                .containsExactly("part 0", "part 1", "part 2", "part 3");
        assertThat(sink.aborted).hasValue(0);
        assertThat(sink.openWriters).hasValue(0);
    }
}
