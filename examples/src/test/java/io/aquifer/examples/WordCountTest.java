package io.aquifer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.api.state.ManagedStateBackend;
import io.aquifer.api.state.StateBackend;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The word count of a whole novel against a plain map and a regular expression.
class WordCountTest {
    private static final Pattern WORD =
            Pattern.compile(
                    "[\\p{L}\\p{Nd}]+(?:['\u2019][\\p{L}\\p{Nd}]+)*",
                    Pattern.UNICODE_CHARACTER_CLASS);

    @TempDir private Path temp;

    static Stream<Arguments> everyWay() {
        return Stream.of(1, 2, 4)
                .flatMap(
                        parallelism ->
                                Stream.<StateBackend>of(
                                                new ManagedStateBackend(),
                                                new HashMapStateBackend())
                                        .map(backend -> Arguments.of(parallelism, backend)));
    }

    @ParameterizedTest(name = "parallelism {0}, {1}")
    @MethodSource("everyWay")
    void aNovel_atEveryParallelismWithEveryBackend_isCountedWordForWord(
            int parallelism, StateBackend backend) throws Exception {
        Path text = ExampleData.file("moby-dick.txt");
        Path out = temp.resolve("out");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("128");
        env.setStateBackend(backend);
        env.setParallelism(parallelism);
        WordCount.run(env, text, out);

        List<String> lines = Files.readAllLines(out.resolve("words-0.csv"));
        assertThat(lines.getFirst()).isEqualTo("word,count");
        Map<String, Long> counts = new HashMap<>();
        long last = Long.MAX_VALUE;
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",");
            long count = Long.parseLong(fields[1]);
            assertThat(count).isLessThanOrEqualTo(last);
            last = count;
            counts.put(fields[0], count);
        }
        assertThat(counts).isEqualTo(expected(text)).hasSizeGreaterThan(10_000);
    }

    private static Map<String, Long> expected(Path text) throws Exception {
        Map<String, Long> counts = new HashMap<>();
        for (String line : Files.readAllLines(text)) {
            Matcher words = WORD.matcher(line);
            while (words.find()) {
                counts.merge(words.group().toLowerCase(Locale.ROOT), 1L, Long::sum);
            }
        }
        return counts;
    }
}
