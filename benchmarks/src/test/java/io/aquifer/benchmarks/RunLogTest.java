package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Map;

class RunLogTest {
    private static final int STRIDE = SinkLog.STRIDE;

    @Test
    void steady_twoSinksAtDifferentSpeeds_countsBothFromTheMomentTheWarmupHasPassed() {
        RunLog run = new RunLog();
        SinkLog fast = run.open();
        SinkLog slow = run.open();
        for (int i = 1; i <= 8; i++) {
            fast.marks().add(new SinkLog.Mark(STRIDE, i * 1_000_000_000L, i * 2_000_000_000L));
        }
        for (int i = 1; i <= 4; i++) {
            slow.marks()
                    .add(new SinkLog.Mark(STRIDE, i * 2_000_000_000L + 1, i * 4_000_000_000L + 1));
        }
        // 1 s: 1, 2 s: 2 and 3, 3 s: 4 strides. The warm-up of 3.5 ends at 3 s; 8 strides follow in
        // 5 s and a nanosecond.
        Map<String, Object> steady = run.steady(3 * STRIDE + STRIDE / 2);
        assertThat(steady)
                .containsEntry("measuredRecords", 8L * STRIDE)
                .containsEntry("measuredSeconds", 5.000000001)
                .containsEntry("cpuSeconds", 10.000000001)
                .containsEntry("recordsPerSecond", Math.round(8.0 * STRIDE / 5.000000001));
    }

    @Test
    void steady_nothingAfterTheWarmup_saysSo() {
        RunLog run = new RunLog();
        SinkLog sink = run.open();
        for (int i = 0; i < 3 * STRIDE; i++) {
            sink.add(1);
        }
        assertThatThrownBy(() -> run.steady(3L * STRIDE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("nothing to measure: the sinks noted 3 moments");
    }

    @Test
    void check_aRecordLostOrCountedTwice_isSeen() {
        KeyedCountPlan plan = new KeyedCountPlan(1_000, 1, 10, 1, 3);
        RunLog right = new RunLog();
        KeyedCountArray.count(plan, right.open());
        right.check(plan.expected());

        RunLog lost = new RunLog();
        KeyedCountArray.count(new KeyedCountPlan(999, 1, 10, 1, 3), lost.open());
        assertThatThrownBy(() -> lost.check(plan.expected()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 sinks saw 999 records")
                .hasMessageContaining("expected 1000 records");

        RunLog twice = new RunLog();
        SinkLog sink = twice.open();
        KeyedCountArray.count(new KeyedCountPlan(999, 1, 10, 1, 3), sink);
        sink.add(1);
        assertThatThrownBy(() -> twice.check(plan.expected()))
                .isInstanceOf(IllegalStateException.class);
    }
}
