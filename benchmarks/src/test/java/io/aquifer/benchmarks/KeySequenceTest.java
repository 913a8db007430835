package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySequenceTest {
    /// Chi-squared over 1,000 keys: mean 999, standard deviation 45; six deviations either way is
    /// no accident.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {0, 1, 2, -1, Long.MIN_VALUE, 0x61C8864680B583EBL})
    void next_overAThousandKeys_isUniform(long seed) {
        int keys = 1_000;
        int draws = 1_000_000;
        int[] counts = new int[keys];
        KeySequence sequence = new KeySequence(seed, keys);
        for (int i = 0; i < draws; i++) {
            counts[(int) sequence.next()]++;
        }
        double expected = (double) draws / keys;
        double chiSquared = 0;
        for (int count : counts) {
            chiSquared += (count - expected) * (count - expected) / expected;
        }
        assertThat(chiSquared).isBetween(999 - 6 * 45.0, 999 + 6 * 45.0);
    }

    @Test
    void next_neighbouringSeeds_shareNoMoreKeysThanChance() {
        KeySequence a = new KeySequence(7, 1_000_000);
        KeySequence b = new KeySequence(8, 1_000_000);
        int same = 0;
        for (int i = 0; i < 100_000; i++) {
            if (a.next() == b.next()) {
                same++;
            }
        }
        assertThat(same).isLessThan(5);
    }

    @Test
    void constructor_withoutKeys_throws() {
        assertThatThrownBy(() -> new KeySequence(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a key sequence needs at least 1 key, not 0");
    }
}
