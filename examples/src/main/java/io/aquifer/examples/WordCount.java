package io.aquifer.examples;

import io.aquifer.api.JobExecutionResult;
import io.aquifer.api.SingleOutputStreamOperator;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.functions.Collector;
import io.aquifer.api.state.HashMapStateBackend;
import io.aquifer.connectors.files.FileSink;
import io.aquifer.connectors.files.FileSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Counts the words of a text and prints the most frequent ones.
///
/// Options: `--input FILE|DIR`, text or text in gzip; `--output DIR`, for `words-*.csv` with every
/// word.
public final class WordCount {
    /// A word and how often it was seen.
    public record Word(String word, long count) {}

    private WordCount() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMemory("2048");
        env.setStateBackend(new HashMapStateBackend("path/to/state"));

        Arguments arguments = Arguments.parse(args, List.of("input", "output"));
        run(
                env,
                arguments.path("input", Arguments.data("moby-dick.txt")),
                arguments.path("output", Path.of("out")));
    }

    static JobExecutionResult run(StreamExecutionEnvironment env, Path text, Path output)
            throws Exception {
        SingleOutputStreamOperator<Word> words =
                env.fromSource(
                                FileSource.text(text),
                                WatermarkStrategy.noWatermarks(),
                                text.getFileName().toString())
                        .flatMap(WordCount::split)
                        .returns(Word.class)
                        .name("words")
                        .keyBy(Word::word)
                        .sum("count")
                        .name("count")
                        .keyBy(word -> "all words")
                        .process(new MostFrequentWords())
                        .name("most frequent words")
                        .setParallelism(1);
        words.sinkTo(FileSink.csv(output, "words", Word.class)).setParallelism(1);
        words.getSideOutput(MostFrequentWords.TABLE).print().setParallelism(1);
        return env.execute("wordcount");
    }

    /// Words are runs of letters and digits, in lower case; an apostrophe inside belongs to the
    /// word.
    static void split(String line, Collector<Word> out) {
        int start = -1;
        for (int i = 0; i <= line.length(); i++) {
            boolean inWord = i < line.length() && isInWord(line, i);
            if (inWord && start < 0) {
                start = i;
            } else if (!inWord && start >= 0) {
                out.collect(new Word(line.substring(start, i).toLowerCase(Locale.ROOT), 1));
                start = -1;
            }
        }
    }

    private static boolean isInWord(String line, int i) {
        char c = line.charAt(i);
        if (c == '\'' || c == '\u2019') {
            return i > 0
                    && i + 1 < line.length()
                    && Character.isLetterOrDigit(line.charAt(i - 1))
                    && Character.isLetterOrDigit(line.charAt(i + 1));
        }
        return Character.isLetterOrDigit(c);
    }
}
