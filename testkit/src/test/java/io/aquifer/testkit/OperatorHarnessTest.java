package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.OutputTag;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.functions.KeyedProcessFunction;
import io.aquifer.api.functions.TimeDomain;
import io.aquifer.api.state.StateBackend;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.state.ValueStateDescriptor;
import io.aquifer.memory.MemoryExhaustedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;

/// The harness itself, and through it timers together with state, on both backends.
class OperatorHarnessTest {
    private static final OutputTag<Long> FIRST = new OutputTag<>("first") {};

    /// Counts by key; says the count when the key has been quiet for 100 ms of either time, and
    /// forgets it.
    static final class Quiet extends KeyedProcessFunction<String, String, String> {
        private static final long serialVersionUID = 1L;

        private final TimeDomain domain;
        private transient ValueState<Long> count;
        private transient ValueState<Long> due;

        Quiet(TimeDomain domain) {
            this.domain = domain;
        }

        @Override
        public void open() {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
            due = getRuntimeContext().getState(new ValueStateDescriptor<>("due", Long.class));
        }

        @Override
        public void processElement(String value, Context<String> ctx, Collector<String> out) {
            Long before = count.value();
            Long timer = due.value();
            if (before == null) {
                ctx.output(FIRST, (long) value.length());
            }
            count.update(before == null ? 1 : before + 1);
            if (domain == TimeDomain.EVENT_TIME) {
                if (timer != null) {
                    ctx.timerService().deleteEventTimeTimer(timer);
                }
                Long time = ctx.timestamp();
                due.update(time == null ? 0 : time + 100);
                ctx.timerService().registerEventTimeTimer(time == null ? 0 : time + 100);
            } else {
                if (timer != null) {
                    ctx.timerService().deleteProcessingTimeTimer(timer);
                }
                long next = ctx.timerService().currentProcessingTime() + 100;
                due.update(next);
                ctx.timerService().registerProcessingTimeTimer(next);
            }
        }

        @Override
        public void onTimer(long timestamp, OnTimerContext<String> ctx, Collector<String> out) {
            assertThat(ctx.timeDomain()).isEqualTo(domain);
            out.collect(
                    ctx.getCurrentKey()
                            + "="
                            + count.value()
                            + " at "
                            + timestamp
                            + " "
                            + ctx.timestamp());
            count.clear();
            due.clear();
        }
    }

    private static OperatorHarness<String, String> quiet(TimeDomain domain, StateBackend backend) {
        return OperatorHarness.keyed(new Quiet(domain), text -> text.substring(0, 1), String.class)
                .withBackend(backend);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void eventTimeTimers_fireByWatermark_withTheirKeysState(StateBackend backend) {
        try (OperatorHarness<String, String> harness = quiet(TimeDomain.EVENT_TIME, backend)) {
            harness.processElement("a1", 1_000);
            harness.processElement("b1", 1_010);
            harness.processElement("a2", 1_050);
            harness.processWatermark(1_109);
            assertThat(harness.records()).isEmpty();

            harness.processWatermark(1_120);

            assertThat(harness.records())
                    .containsExactly(TimedRecord.of("b=1 at 1110 1110", 1_110));
            harness.processWatermark(1_150);
            harness.processElement("a3", 1_160);
            harness.finish();
            assertThat(harness.values())
                    .containsExactly("b=1 at 1110 1110", "a=2 at 1150 1150", "a=1 at 1260 1260");
            assertThat(harness.sideOutput(FIRST))
                    .containsExactly(
                            TimedRecord.of(2L, 1_000),
                            TimedRecord.of(2L, 1_010),
                            TimedRecord.of(2L, 1_160));
            assertThat(harness.watermarks())
                    .containsExactly(1_109L, 1_120L, 1_150L, Long.MAX_VALUE);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void processingTimeTimers_fireByTheClock_withoutTimestamp_notAtTheEnd(StateBackend backend) {
        try (OperatorHarness<String, String> harness = quiet(TimeDomain.PROCESSING_TIME, backend)) {
            harness.setProcessingTime(5_000);
            harness.processElement("a1", 7);
            harness.advanceProcessingTime(Duration.ofMillis(60));
            harness.processElement("b1", 8);
            harness.processElement("a2", 9);
            assertThat(harness.advanceProcessingTime(Duration.ofMillis(99))).isEqualTo(5_160);
            assertThat(harness.records()).isEmpty();

            assertThat(harness.setProcessingTime(5_160)).isEqualTo(Long.MAX_VALUE);

            assertThat(harness.records())
                    .containsExactlyInAnyOrder(
                            TimedRecord.of("b=1 at 5160 null"), TimedRecord.of("a=2 at 5160 null"));
            harness.processElement("c1", 10);
            harness.finish();
            assertThat(harness.values()).hasSize(2);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void heldBytes_isWhatTheStateCounts_andGoesWithClose(StateBackend backend) {
        OperatorHarness<String, String> harness =
                quiet(TimeDomain.EVENT_TIME, backend).withMemory("32");
        for (int i = 0; i < 200; i++) {
            harness.processElement(Character.toString(0x1000 + i), i);
        }
        assertThat(harness.stateBytes()).isPositive();
        assertThat(harness.heldBytes()).as("state and timers").isEqualTo(harness.stateBytes());
        assertThat(harness.memoryStatistics().heldBytes()).isEqualTo(harness.heldBytes());
        assertThat(harness.memoryStatistics().totalBytes()).isEqualTo(32L << 20);
        harness.close();
        harness.close();
        assertThatThrownBy(() -> harness.processElement("a", 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the harness has been closed");
    }

    @Test
    void settings_afterTheFirstRecord_areRefused() {
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.of(Long.class, in -> in.map(value -> value + 1))) {
            harness.processElement(1L);
            assertThatThrownBy(() -> harness.withMemory("16"))
                    .hasMessage(
                            "the operator has been made already: call with...() before anything"
                                    + " else");
            assertThat(harness.records()).containsExactly(TimedRecord.of(2L));
            assertThat(harness.stateBytes()).isZero();
        }
    }

    @Test
    void pipelineOfNoneOrTwoOperators_isRefused() {
        assertThatThrownBy(() -> OperatorHarness.of(Long.class, in -> in))
                .hasMessage(
                        "a harness hosts exactly one operator, but there are 0 after its input:"
                                + " []");
        assertThatThrownBy(
                        () ->
                                OperatorHarness.of(
                                        Long.class,
                                        in -> in.map(value -> value).filter(value -> true)))
                .hasMessageContaining(
                        "there are 2 after its input: ['map' (OperatorHarnessTest.java:");
    }

    @Test
    void sink_hostedByHand_givesItsCommittable() {
        FaultySink<Long> sink = new FaultySink<>("out", FaultySink.Fault.NONE);
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.of(
                        Long.class,
                        in -> {
                            in.sinkTo(sink);
                            return in;
                        })) {
            harness.processElement(1L);
            harness.finish();
            assertThat(harness.committables()).containsExactly("part 0");
        }
        assertThat(sink.openWriters).hasValue(0);
    }

    static final class FailingOpen extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void open() {
            getRuntimeContext().getState(new ValueStateDescriptor<>("x", Long.class));
            throw new IllegalStateException("no");
        }

        @Override
        public void processElement(Long value, Context<Long> ctx, Collector<Long> out) {}
    }

    @Test
    void functionWhoseOpenFails_leavesNothing() {
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.keyed(new FailingOpen(), value -> value, Long.class)) {
            assertThatThrownBy(harness::open)
                    .hasMessageMatching(
                            "operator 'keyed process' \\(OperatorHarnessTest\\.java:\\d+\\),"
                                    + " subtask 1/1: IllegalStateException: no");
        }
    }

    @Test
    void stateBeyondTheBudget_isRefusedAsInAJob() {
        try (OperatorHarness<String, String> harness =
                OperatorHarness.<String, String, String>keyed(
                                new Quiet(TimeDomain.EVENT_TIME), text -> text, String.class)
                        .withMemory("16")) {
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 1_000_000; i++) {
                                    harness.processElement("key " + i, 0);
                                }
                            })
                    .hasCauseInstanceOf(MemoryExhaustedException.class)
                    .hasMessageContaining("cannot allocate ");
        }
    }

    /// One timer a record and no state.
    static final class TimerEach extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Long value, Context<Long> ctx, Collector<Long> out) {
            ctx.timerService().registerEventTimeTimer(value * 1_000);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource(Cases.BACKENDS)
    void timersBeyondTheBudget_areRefusedByName_andFireWhenItGoesOn(StateBackend backend) {
        try (OperatorHarness<Long, Long> harness =
                OperatorHarness.<Long, Long, Long>keyed(new TimerEach(), value -> value, Long.class)
                        .withBackend(backend)
                        .withMemory("16")) {
            assertThatThrownBy(
                            () -> {
                                for (long i = 0; i < 1_000_000; i++) {
                                    harness.processElement(i, i);
                                }
                            })
                    .hasCauseInstanceOf(MemoryExhaustedException.class)
                    .hasMessageContaining("keyed process / event-time timers'");
            assertThat(harness.stateBytes()).isGreaterThan(4 << 20);
            harness.processWatermark(Long.MAX_VALUE);
            assertThat(harness.stateBytes()).isLessThanOrEqualTo(2 * 32 << 10);
        }
    }

    @Test
    void clock_setBack_isRefused() {
        ManualClock clock = new ManualClock(100);
        clock.advance(Duration.ofSeconds(1));
        assertThat(clock.millis()).isEqualTo(1_100);
        assertThatThrownBy(() -> clock.set(1_099))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the clock stands at 1100 ms and cannot go back to 1099 ms");
        assertThatThrownBy(() -> clock.advance(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
