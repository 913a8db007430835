package io.aquifer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.SplittableRandom;

/// Key groups against values that Flink 2.3.0 computed (`MathUtils.murmurHash`,
/// `KeyGroupRangeAssignment`).
class KeyGroupsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 593689054, 94, 3",
        "1, 68075478, 86, 3",
        "-1, 1982413648, 80, 3",
        "2, 1085422463, 127, 4",
        "42, 1134849565, 29, 1",
        "127, 1931274395, 27, 1",
        "128, 132521001, 41, 1",
        "1000, 3506311, 7, 0",
        "65535, 1986290322, 18, 0",
        "2147483647, 1653689534, 62, 2",
        "-2147483648, 1718298732, 108, 4",
        "123456789, 1088346449, 81, 3",
        "-987654321, 1314828554, 10, 0",
        "-760080817, 2104027893, 117, 4",
        "78529, 931235437, 109, 4",
        "256, 1409940790, 54, 2",
        "-2089875627, 0, 0, 0",
        "-1035494534, 0, 0, 0"
    })
    void hashCode_mixed_isFlinksMurmurHashKeyGroupAndSubtaskOfFive(
            int code, int mixed, int group, int subtask) {
        assertThat(KeyGroups.mix(code)).isEqualTo(mixed);
        assertThat(KeyGroups.keyGroup(code, 128))
                .isEqualTo(group); // an Integer is its own hash code
        assertThat(KeyGroups.subtask(group, 128, 5)).isEqualTo(subtask);
    }

    @ParameterizedTest
    @CsvSource({"'', 94, 2", "a, 81, 1", "ORD, 109, 2", "aquifer, 117, 2", "München, 123, 2"})
    void text_asKey_hasFlinksKeyGroupAndSubtaskOfThree(String key, int group, int subtask) {
        assertThat(KeyGroups.keyGroup(key, 128)).isEqualTo(group);
        assertThat(KeyGroups.subtask(group, 128, 3)).isEqualTo(subtask);
    }

    @Test
    void millionHashCodes_mixedAndChained_giveFlinksSum() {
        long sum = 0;
        for (int i = -500_000; i < 500_000; i++) {
            sum = sum * 31 + KeyGroups.mix(i * 7919);
        }
        assertThat(sum).isEqualTo(-3466491142494463990L);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 128",
        "2, 128",
        "3, 128",
        "85, 128",
        "86, 256",
        "127, 256",
        "170, 256",
        "171, 256",
        "1000, 2048",
        "21845, 32768",
        "21846, 32768",
        "32768, 32768"
    })
    void parallelism_byDefault_hasFlinksNumberOfKeyGroups(int parallelism, int groups) {
        assertThat(KeyGroups.maxParallelism(parallelism)).isEqualTo(groups);
    }

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void keyGroups_ofAnyParallelism_areRangesInOrderThatLeaveNoSubtaskOut(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 50; round++) {
            int parallelism = 1 + random.nextInt(random.nextBoolean() ? 40 : 5_000);
            int groups = KeyGroups.maxParallelism(parallelism);
            int before = 0;
            for (int group = 0; group < groups; group++) {
                int subtask = KeyGroups.subtask(group, groups, parallelism);
                assertThat(subtask - before)
                        .as("group %d of %d at parallelism %d", group, groups, parallelism)
                        .isBetween(0, group == 0 ? 0 : 1);
                before = subtask;
            }
            assertThat(before).isEqualTo(parallelism - 1);
        }
    }
}
