package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.checkpoint.CheckpointView;
import io.aquifer.engine.checkpoint.StateReport;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// Comparing in a table that is far too small for the keys, against maps.
class StateComparisonTest {
    private static final TypeInformation<Long> LONG = TypeInformation.of(Long.class);

    @TempDir Path directory;

    @ParameterizedTest(name = "{0} places")
    @ValueSource(ints = {1 << 10, 1 << 12, 1 << 16})
    void differences_inATableOfAnySize_areThoseOfTheMaps(int places) throws IOException {
        SplittableRandom random = new SplittableRandom(20_260);
        Map<String, Long> before = map(random);
        Map<String, Long> after = map(random);
        try (StateSamples samples = new StateSamples(directory)) {
            samples.checkpoint((out, subtask) -> write(out, subtask, before));
            samples.checkpoint((out, subtask) -> write(out, subtask, after));
        }
        StateReport report = StateReport.of(directory);

        StateDifference difference =
                new StateComparison(
                                CheckpointView.of(report, 1),
                                CheckpointView.of(report, 2),
                                places,
                                Integer.MAX_VALUE)
                        .differences()
                        .getFirst();

        Set<String> onlyBefore = new HashSet<>(before.keySet());
        onlyBefore.removeAll(after.keySet());
        Set<String> onlyAfter = new HashSet<>(after.keySet());
        onlyAfter.removeAll(before.keySet());
        Set<String> changed = new HashSet<>(before.keySet());
        changed.retainAll(after.keySet());
        changed.removeIf(key -> before.getOrDefault(key, 0L).equals(after.getOrDefault(key, 0L)));
        assertKeys(difference.onlyBefore(), onlyBefore);
        assertKeys(difference.onlyAfter(), onlyAfter);
        assertKeys(difference.changed(), changed);
    }

    private static void assertKeys(StateDifference.Keys keys, Set<String> expected) {
        assertThat(expected).hasSizeGreaterThan(500);
        assertThat(keys.count()).isEqualTo(expected.size());
        assertThat(keys.examples()).doesNotHaveDuplicates();
        assertThat(new HashSet<>(keys.examples()).equals(expected)).isTrue();
    }

    private static Map<String, Long> map(SplittableRandom random) {
        Map<String, Long> map = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            map.put("key " + random.nextInt(25_000), random.nextLong(3));
        }
        return map;
    }

    private static void write(StateSamples.Sections out, int subtask, Map<String, Long> map)
            throws IOException {
        out.begin(Kind.VALUE, "total", LONG);
        for (Map.Entry<String, Long> entry : map.entrySet()) {
            if ((entry.getKey().hashCode() & 1) == subtask) {
                out.entry(entry.getKey(), LONG, entry.getValue());
            }
        }
    }
}
