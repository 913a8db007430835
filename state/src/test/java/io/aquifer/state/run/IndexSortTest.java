package io.aquifer.state.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.state.Seeds;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Against the sort of the JDK, which is stable too.
class IndexSortTest {
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void sort_anything_isSortedAndStable(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int count = 0; count < 200; count++) {
            int[] values = random.ints(count, 0, 1 + random.nextInt(100)).toArray();
            int[] indexes = IntStream.range(0, count + 3).toArray();
            IndexSort.sort(indexes, count, (first, second) -> values[first] - values[second]);
            int[] expected =
                    IntStream.range(0, count)
                            .boxed()
                            .sorted(Comparator.comparing(index -> values[index]))
                            .mapToInt(index -> index)
                            .toArray();
            assertThat(IntStream.of(indexes).limit(count)).containsExactly(box(expected));
            assertThat(indexes[count + 2]).as("not to be sorted").isEqualTo(count + 2);
        }
    }

    private static Integer[] box(int[] values) {
        return IntStream.of(values).boxed().toArray(Integer[]::new);
    }
}
