package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashMap;
import java.util.Map;

class KeyedCountPlanTest {
    @ParameterizedTest(name = "parallelism {0}")
    @ValueSource(ints = {1, 2, 3, 7})
    void expected_anyParallelism_isTheTriangleNumberOfEveryKeysCount(int parallelism) {
        KeyedCountPlan plan = new KeyedCountPlan(100_003, 10, 997, parallelism, 42);
        Map<Long, Long> counts = new HashMap<>();
        long records = 0;
        for (int split = 0; split < parallelism; split++) {
            KeySequence keys = plan.keysOf(split);
            for (long i = 0; i < plan.recordsOf(split); i++) {
                counts.merge(keys.next(), 1L, Long::sum);
                records++;
            }
        }
        long sum = counts.values().stream().mapToLong(c -> c * (c + 1) / 2).sum();
        assertThat(plan.expected()).isEqualTo(new KeyedCountPlan.Tally(records, sum));
        assertThat(records).isEqualTo(100_003);
    }

    @Test
    void parse_whatToArgumentsWrote_isTheSamePlan() {
        KeyedCountPlan plan = new KeyedCountPlan(30, 10, 5, 2, -9);
        assertThat(KeyedCountPlan.parse(plan.toArguments().toArray(String[]::new))).isEqualTo(plan);
    }

    @Test
    void parse_withAPartMissing_saysWhichAndWhatIsThere() {
        assertThatThrownBy(() -> KeyedCountPlan.parse("records=3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the plan lacks warmup=; it has [records]");
    }

    @Test
    void constructor_withNothingLeftToMeasure_throws() {
        assertThatThrownBy(() -> new KeyedCountPlan(10, 10, 5, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 records, of which 10 warm-up");
    }
}
