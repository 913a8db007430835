package io.aquifer.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.Seeds;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

class CheckpointNamesTest {
    private static final String CHARS = "aAbB.-_/\\:\u0000\n0é\ud800 ";

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void stateFile_ofAnyIds_isSafeAndDifferentAlsoWithoutCase(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, String> owners = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
            StringBuilder id = new StringBuilder();
            for (int length = random.nextInt(8); length > 0; length--) {
                id.append(CHARS.charAt(random.nextInt(CHARS.length())));
            }
            int subtask = random.nextInt(3);
            String owner = id + "\uffff" + subtask;
            String name = CheckpointNames.stateFile(id.toString(), subtask);
            assertThat(CheckpointNames.isStateFile(name)).as(name).isTrue();
            String before = owners.put(name.toLowerCase(Locale.ROOT), owner);
            assertThat(before == null || before.equals(owner)).as(name).isTrue();
        }
    }

    @Test
    void stateFile_ofVeryLongIds_fitsAFileSystem() {
        String id = "window".repeat(100_000);

        String name = CheckpointNames.stateFile(id, Integer.MAX_VALUE);

        assertThat(name).hasSizeLessThan(100).startsWith("windowwindow");
        assertThat(name).isNotEqualTo(CheckpointNames.stateFile(id + "w", Integer.MAX_VALUE));
        assertThat(CheckpointNames.stateFile("window_sum-2", 3)).isEqualTo("window_sum-2-3.state");
    }

    @Test
    void directory_ofAnyId_isReadBack() {
        for (long id : List.of(1L, 7L, 999_999L, 1_000_000L, CheckpointNames.MAX_ID)) {
            assertThat(CheckpointNames.id(CheckpointNames.directory(id))).isEqualTo(id);
        }
        assertThat(CheckpointNames.directory(7)).isEqualTo("chk-000007");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chk-7",
                "chk-0000007",
                "chk-000000",
                "chk-00000a",
                "chk-",
                "CHK-000007",
                "chk-000007.bak",
                "chk-9999999999999999999"
            })
    void id_ofOtherNames_isNone(String name) {
        assertThat(CheckpointNames.id(name)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chk-000007/",
                "/chk-000007/a-0.state",
                "chk-000007/x/a-0.state",
                "chk-000007/../a-0.state",
                "chk-000007/..-0.state",
                "chk-000007/manifest",
                "",
                "a-0.state",
                "chk-000007/a-0.state\n",
                "chk-000007\\a-0.state"
            })
    void isStatePath_ofOtherPaths_isFalse(String path) {
        assertThat(CheckpointNames.isStatePath(path)).isFalse();
    }
}
