package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.state.Seeds;
import io.aquifer.state.run.SizeTiers.Choice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What is merged when runs keep coming.
class SizeTiersTest {
    private static Choice choose(long... bytes) {
        return SizeTiers.DEFAULT.choose(bytes);
    }

    @Test
    void choose_fourOfASize_takesThem() {
        assertThat(choose()).isNull();
        assertThat(choose(10, 10, 10)).isNull();
        assertThat(choose(10, 12, 9, 11)).isEqualTo(new Choice(0, 4));
        assertThat(choose(10, 10, 10, 10, 40)).isEqualTo(new Choice(0, 4));
        assertThat(choose(10, 40, 40, 40, 40)).isEqualTo(new Choice(1, 4));
        assertThat(choose(10, 10, 10, 10, 10, 10, 10, 10, 10, 10)).isEqualTo(new Choice(0, 8));
        assertThat(choose(10, 40, 160, 640, 2560)).isNull();
    }

    @Test
    void choose_moreRunsThanMayBe_takesThoseThatAreMostAlike() {
        long huge = 1_000_000_000;
        assertThat(choose(1, 30, 900, 30_000, 29_000, 28_000, huge, 9 * huge, 99 * huge))
                .as("with newer ones, which cost next to nothing")
                .isEqualTo(new Choice(0, 6));
        assertThat(choose(huge, 9 * huge, 1, 30, 900, 30_000, 29_000, 28_000, 99 * huge))
                .isEqualTo(new Choice(2, 6));
        assertThat(choose(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)).isNotNull();
    }

    @Test
    void new_fanInThatIsNone_isRefused() {
        assertThatThrownBy(() -> new SizeTiers(1, 8))
                .hasMessage("a merge needs 2 runs or more, and 8 runs at most must be 1 or more");
        assertThatThrownBy(() -> new SizeTiers(4, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    /// Whether what comes is always the same size or not, and however much of it a merge drops.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void choose_runsKeepComing_fewRemainAndFewBytesAreWritten(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20; round++) {
            double kept = round % 4 == 0 ? 1 : 0.5 + random.nextDouble() / 2;
            int spread = 1 + random.nextInt(20);
            List<Long> runs = new ArrayList<>();
            long came = 0;
            long written = 0;
            for (int i = 0; i < 2000; i++) {
                long bytes = 1000 + 100L * random.nextInt(spread);
                came += bytes;
                runs.addFirst(bytes);
                for (Choice choice = chosen(runs); choice != null; choice = chosen(runs)) {
                    List<Long> inputs =
                            runs.subList(choice.first(), choice.first() + choice.count());
                    long sum = inputs.stream().mapToLong(Long::longValue).sum();
                    inputs.clear();
                    runs.add(choice.first(), (long) (sum * kept));
                    written += sum;
                }
                assertThat(runs.size()).isLessThanOrEqualTo(8);
            }
            assertThat((double) written / came).as("times a byte is written").isLessThan(9);
        }
    }

    private static Choice chosen(List<Long> runs) {
        return choose(runs.stream().mapToLong(Long::longValue).toArray());
    }
}
