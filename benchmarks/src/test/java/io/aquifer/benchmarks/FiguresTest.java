package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// The arithmetic that turns samples into results.
class FiguresTest {
    /// Against the definition, by counting.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void percentile_anySamples_isTheSmallestThatAtLeastThatShareDoesNotExceed(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] samples = random.longs(1 + random.nextInt(300), 0, 50).toArray();
        int count = 1 + random.nextInt(samples.length);
        Percentiles percentiles = new Percentiles(samples, count);
        for (double percent : new double[] {0.01, 1, 50, 90, 99, 99.9, 100}) {
            long expected = Long.MAX_VALUE;
            for (int i = 0; i < count; i++) {
                int notAbove = 0;
                for (int k = 0; k < count; k++) {
                    notAbove += samples[k] <= samples[i] ? 1 : 0;
                }
                if (notAbove >= count * (percent / 100)) {
                    expected = Math.min(expected, samples[i]);
                }
            }
            assertThat(percentiles.at(percent)).as("percentile %s", percent).isEqualTo(expected);
        }
    }

    @Test
    void percentiles_ofNothing_reportTheCountOnly() {
        Map<String, Object> values = new LinkedHashMap<>();
        new Percentiles(new long[] {7}, 0).addTo(values, "grant");
        assertThat(values).containsExactly(Map.entry("grantCount", 0L));
        assertThatThrownBy(() -> new Percentiles(new long[0], 0).at(50))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no percentile 50.0 of 0 samples");
        assertThatThrownBy(() -> new Percentiles(new long[1], 1).at(0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void jain_sharesOfKnownShape_isBetweenOneOverNAndOne() {
        assertThat(JainIndex.of(3, 3, 3, 3)).isEqualTo(1, within(1e-12));
        assertThat(JainIndex.of(5, 0, 0, 0)).isEqualTo(0.25, within(1e-12));
        // (1 + 2 + 3)^2 / (3 * (1 + 4 + 9))
        assertThat(JainIndex.of(1, 2, 3)).isEqualTo(36.0 / 42, within(1e-12));
        assertThat(JainIndex.of(0, 0)).isEqualTo(1);
        assertThatThrownBy(() -> JainIndex.of(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a share is not negative, got -1.0");
    }

    @Test
    void spread_evenAndOddCounts_hasMedianMinAndMax() {
        assertThat(Spread.of(4, 1, 3, 2)).isEqualTo(new Spread(2.5, 1, 4));
        assertThat(Spread.of(9, 1, 2)).isEqualTo(new Spread(2, 1, 9));
        assertThat(Spread.of(0.00123456, 12.3456, 1234567).toString())
                .isEqualTo("12.3 (0.00123 - 1,234,567)");
        assertThatThrownBy(Spread::of).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void resultLine_anyValues_isReadBack() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("what", "free = 100 %");
        values.put("text", "line\nand 'quotes' 7");
        values.put("number", "7");
        values.put("count", 7L);
        values.put("share", 0.25);
        ResultLine line = new ResultLine(values);
        assertThat(line.toString()).doesNotContain("\n");
        assertThat(ResultLine.parse(line.toString())).isEqualTo(line);
        assertThat(line.what()).isEqualTo("free = 100 %");
        assertThat(line.number("count")).isEqualTo(7);
        assertThatThrownBy(() -> line.number("text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no number text in [what, text, number, count, share]");
        assertThatThrownBy(() -> new ResultLine(Map.of("x", Double.NaN)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x=NaN");
        assertThatThrownBy(() -> ResultLine.parse("result x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'x' in 'result x'");
    }

    @Test
    void arguments_badOnes_areNamed() {
        Arguments arguments = Arguments.parse("gib=2", "policy=a=b");
        assertThat(arguments.number("gib", 1)).isEqualTo(2);
        assertThat(arguments.number("mib", 64)).isEqualTo(64);
        assertThat(arguments.text("policy", "")).isEqualTo("a=b");
        arguments.complete();
        assertThatThrownBy(() -> Arguments.parse("gib"))
                .hasMessage("'gib' is not of the form name=value");
        assertThatThrownBy(() -> Arguments.parse("gib=0").number("gib", 1))
                .hasMessage("gib needs a whole number of at least 1, not '0'");
        Arguments misspelt = Arguments.parse("gigs=2");
        misspelt.number("gib", 1);
        assertThatThrownBy(misspelt::complete)
                .hasMessage("there is no argument 'gigs'; there are [gib]");
    }

    @Test
    void scattered_consecutiveNumbers_areAllDifferent() {
        assertThat(java.util.stream.LongStream.range(0, 10_000).map(HotKeys::scattered).distinct())
                .hasSize(10_000);
    }

    @Test
    void subtaskOf_manyKeys_givesEverySubtaskAboutItsShare() {
        int[] keys = new int[4];
        for (long key = 0; key < 40_000; key++) {
            keys[HotKeys.subtaskOf(key, 4)]++;
        }
        for (int count : keys) {
            assertThat(count).isBetween(9_000, 11_000);
        }
    }
}
