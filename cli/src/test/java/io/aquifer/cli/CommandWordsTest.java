package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// The line to resume with, read back by a shell.
///
/// Goal: the shell makes of it the words that were given, whatever is in them. Method: random words
/// of characters that mean something to a shell, `sh` as the oracle. Replay a failure with the seed
/// in its name.
class CommandWordsTest {
    private static final String NASTY = "ab7 '\"\\$`*?[]{}()<>|&;#~!=%^\t\n-_/.:,@äü😀";

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 20_261_123})
    void resuming_anyWords_areReadBackByAShell(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        int[] alphabet = NASTY.codePoints().toArray();
        List<String> words = new ArrayList<>(List.of("run"));
        for (int count = 0; count < 400; count++) {
            StringBuilder word = new StringBuilder();
            for (int length = random.nextInt(9); length > 0; length--) {
                word.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
            }
            words.add(word.toString());
        }
        assertThat(words).as("generator").contains("").anyMatch(word -> word.contains("'"));

        String line = new CommandWords("./it's", words).resuming();

        assertThat(shell("set -- " + line + "; printf '%s\\0' \"$@\""))
                .isEqualTo(Stream.concat(Stream.of("./it's"), words.stream()).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "run Job.java --state s | ./aquifer run Job.java --state s",
                "run Job.java --from-checkpoint 6 --state s | ./aquifer run Job.java --state s",
                "run --from-checkpoint=6 Job.java --force | ./aquifer run Job.java",
                "run Job.java -- --force --from-checkpoint 6 -- * | ./aquifer run Job.java --"
                        + " --force --from-checkpoint 6 -- '*'",
                "demo flights --output --from-checkpoint | ./aquifer demo flights --output",
            })
    void resuming_whatWasForTheFirstStartOnly_isLeftOut(String words, String line) {
        assertThat(new CommandWords("./aquifer", List.of(words.split(" ", -1))).resuming())
                .isEqualTo(line);
    }

    @Test
    void words_areAquifersUpToTheDashesAndTheJobsAfterThem() {
        CommandWords words = new CommandWords("a", List.of("run", "J.java", "--", "-x", "--", "y"));
        assertThat(words.own()).containsExactly("run", "J.java");
        assertThat(words.forJob()).containsExactly("-x", "--", "y");
        CommandWords without = new CommandWords("a", List.of("run", "J.java"));
        assertThat(without.own()).containsExactly("run", "J.java");
        assertThat(without.forJob()).isEmpty();
    }

    private static List<String> shell(String script) throws Exception {
        Process process = new ProcessBuilder("sh").redirectErrorStream(true).start();
        try (var input = process.getOutputStream()) {
            input.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        List<String> words = Arrays.asList(text.split("\0", -1));
        return words.subList(0, words.size() - 1);
    }
}
