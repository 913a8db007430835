package io.aquifer.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.eventtime.WatermarkGenerator;
import io.aquifer.api.eventtime.WatermarkStrategy;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/// Event time given in the middle of a job.
class TimestampOperatorTest {
    private static OperatorHarness<Long, Long> harness(WatermarkStrategy<Long> strategy) {
        return OperatorHarness.of(
                Long.class,
                in ->
                        in.assignTimestampsAndWatermarks(
                                strategy.withTimestampAssigner((value, time) -> value * 10)));
    }

    @Test
    void records_getTheirTimeAndEvery256AWatermark() {
        try (OperatorHarness<Long, Long> harness =
                harness(WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(50)))) {
            for (long value = 0; value < 600; value++) {
                harness.processElement(value);
            }
            assertThat(harness.records())
                    .hasSize(600)
                    .last()
                    .isEqualTo(TimedRecord.of(599L, 5_990));
            assertThat(harness.watermarks()).containsExactly(2_550L - 51, 5_110L - 51);
        }
    }

    @Test
    void watermarksFromBefore_areReplaced_butForTheLast() {
        try (OperatorHarness<Long, Long> harness =
                harness(WatermarkStrategy.forMonotonousTimestamps())) {
            harness.processWatermark(1_000_000);
            assertThat(harness.watermarks()).isEmpty();
            harness.processElement(7L);
            harness.processWatermark(2_000_000);
            harness.finish();
            assertThat(harness.watermarks()).containsExactly(69L, Long.MAX_VALUE);
        }
    }

    /// Takes every moment for the last.
    static final class Hasty implements WatermarkGenerator<Long> {
        @Override
        public void onEvent(Long event, long eventTimestamp) {}

        @Override
        public long currentWatermark() {
            return Long.MAX_VALUE;
        }
    }

    @Test
    void generatorThatSaysTheEndOfTime_isNotBelievedBeforeTheEnd() {
        try (OperatorHarness<Long, Long> harness =
                harness(WatermarkStrategy.forGenerator(Hasty::new))) {
            for (long value = 0; value < 600; value++) {
                harness.processElement(value);
            }
            assertThat(harness.watermarks()).isEmpty();
            harness.finish();
            assertThat(harness.watermarks()).containsExactly(Long.MAX_VALUE);
        }
    }
}
