package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Reading in pieces: batches of any size, cut off anywhere and gone on with from the position.
///
/// Goal: the pieces put together are the uninterrupted read, rejects with their row numbers
/// included, in every format.
class ResumedReadTest {
    record Pair(int number, String word) {}

    record Tiny(long id, String code) {}

    @TempDir Path directory;

    private Path file(String name, String content) throws IOException {
        byte[] bytes = content.getBytes(UTF_8);
        return Files.write(
                directory.resolve(name), name.endsWith(".gz") ? GzipStreamTest.gzip(bytes) : bytes);
    }

    private static String csv(SplittableRandom random, String separator, int rows) {
        StringBuilder text = new StringBuilder("\uFEFFnumber" + separator + "word\n");
        for (int i = 0; i < rows; i++) {
            String number = random.nextInt(6) == 0 ? "x" : Integer.toString(i);
            String word = random.nextInt(5) == 0 ? "\"l1\nl2" + i + "\"" : "w" + i;
            text.append(number).append(separator).append(word);
            text.append(random.nextBoolean() ? "\n" : "\r\n");
            if (random.nextInt(8) == 0) {
                text.append("\n\n");
            }
        }
        return text.toString();
    }

    private static String json(SplittableRandom random, int rows) {
        StringBuilder text = new StringBuilder("\uFEFF");
        for (int i = 0; i < rows; i++) {
            text.append(
                    random.nextInt(6) == 0
                            ? "{\"number\":"
                            : "{\"number\":" + i + ",\"word\":\"w\"}");
            text.append(random.nextBoolean() ? "\n" : "\r\n");
            if (random.nextInt(8) == 0) {
                text.append("  \n\n");
            }
        }
        return text.toString();
    }

    private static <T> List<Object> whole(FileSource<T> source, SourceSplit split)
            throws IOException {
        Collected<T> whole = new Collected<>();
        whole.readAll(source, split, split.start());
        return whole.all;
    }

    /// Reads with batches of random size, and begins anew at the position at random.
    private static <T> List<Object> pieces(
            FileSource<T> source, SourceSplit split, SplittableRandom random, int mostMax)
            throws IOException {
        Collected<T> pieces = new Collected<>();
        long position = split.start();
        while (true) {
            try (SourceReader<T> reader = source.createReader(split, position)) {
                assertThat(reader.position()).isEqualTo(position);
                do {
                    int before = pieces.all.size();
                    int most = 1 + random.nextInt(mostMax);
                    boolean more = reader.read(pieces, most);
                    int count = pieces.all.size() - before;
                    assertThat(count).isLessThanOrEqualTo(most);
                    assertThat(more).isEqualTo(count > 0);
                    assertThat(reader.position()).isGreaterThanOrEqualTo(position);
                    position = reader.position();
                    if (!more) {
                        return pieces.all;
                    }
                } while (random.nextInt(4) > 0);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void pieces_ofAnyFormat_areTheWhole(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        List<FileSource<?>> sources = new ArrayList<>();
        for (String gz : List.of("", ".gz")) {
            sources.add(FileSource.of(Pair.class, file("c.csv" + gz, csv(random, ",", 300))));
            sources.add(FileSource.of(Pair.class, file("t.tsv" + gz, csv(random, "\t", 300))));
            Path lines = file("j.jsonl" + gz, json(random, 300));
            sources.add(FileSource.of(Pair.class, lines));
            sources.add(FileSource.of(Pair.class, lines).withRangeBytes(1 + random.nextInt(900)));
            String text = "a\n\n\u00e4\r\n\r\n" + "bb\n".repeat(200) + "last";
            sources.add(FileSource.text(file("t.txt" + gz, text)));
            sources.add(FileSource.text(directory.resolve("t.txt" + gz)).withRangeBytes(97));
        }
        for (String name : List.of("plain", "zstd-v2", "delta")) {
            Path parquet = directory.resolve(name + ".parquet");
            try (InputStream in =
                    ResumedReadTest.class.getResourceAsStream("/parquet/" + name + ".parquet")) {
                assertThat(in).isNotNull();
                Files.write(parquet, in.readAllBytes());
            }
            sources.add(
                    FileSource.of(Tiny.class, parquet)
                            .check("id", id -> id % 3 != 0, "id divisible by three"));
        }
        for (FileSource<?> source : sources) {
            for (SourceSplit split : source.splits()) {
                Supplier<String> what = () -> "seed %d, %s, %s".formatted(seed, source, split);
                List<Object> whole = whole(source, split);
                assertThat(pieces(source, split, random, 1)).as(what).isEqualTo(whole);
                assertThat(pieces(source, split, random, 7)).as(what).isEqualTo(whole);
                assertThat(pieces(source, split, random, 400)).as(what).isEqualTo(whole);
            }
        }
    }

    @Test
    void describe_namesTheFileAndTheUnit() throws IOException {
        FileSource<Pair> csv = FileSource.of(Pair.class, file("c.csv", "number,word\n1,a\n"));
        SourceSplit rows = csv.splits().getFirst();
        assertThat(csv.describe(rows, 1_203_114)).isEqualTo("row 1,203,114 of c.csv");
        assertThat(csv.atRate(10).describe(rows, 3)).isEqualTo("row 3 of c.csv");
        FileSource<String> text = FileSource.text(file("words.txt", "aa\n".repeat(9)));
        SourceSplit bytes = text.withRangeBytes(9).splits().getLast();
        assertThat(text.describe(bytes, 12_345)).isEqualTo("byte 12,345 of words.txt");
        FileSource<String> packed = FileSource.text(file("words.txt.gz", "aa\n"));
        assertThat(packed.describe(packed.splits().getFirst(), 1))
                .isEqualTo("row 1 of words.txt.gz");
    }

    @Test
    void changedLength_changesTheSplits() throws IOException {
        String rows = "number,word\n1,a\n";
        for (String name : List.of("c.csv", "c.csv.gz", "j.jsonl.gz", "j.jsonl")) {
            boolean json = name.startsWith("j");
            FileSource<Pair> source =
                    FileSource.of(
                            Pair.class,
                            file(name, json ? "{\"number\":1,\"word\":\"a\"}\n" : rows));
            List<SourceSplit> before = source.splits();
            assertThat(source.splits()).isEqualTo(before);
            file(name, json ? "{\"number\":1,\"word\":\"longer\"}\n" : rows + "2,bcd\n");
            assertThat(source.splits()).as(name).isNotEqualTo(before);
        }
    }

    @Test
    void goingOnInAFileThatIsNotTheSame_isRefused() throws IOException {
        Path csv = file("c.csv", "number,word\n1,a\n");
        FileSource<Pair> source = FileSource.of(Pair.class, csv);
        SourceSplit split = source.splits().getFirst();
        assertThatThrownBy(() -> source.createReader(split, 5))
                .isInstanceOf(FileFormatException.class)
                .hasMessage(
                        csv
                                + " is not the file it was: reading is to go on behind row 5, but"
                                + " it has 1 rows. Bring the file back as it was, or start the job"
                                + " afresh.");
        Path text = file("t.txt", "abc\ndef\nghi\n");
        FileSource<String> lines = FileSource.text(text);
        SourceSplit first = lines.splits().getFirst();
        SourceSplit second = lines.withRangeBytes(4).splits().get(1);
        for (long position : new long[] {6, 13, 500}) {
            for (SourceSplit part : List.of(first, second)) {
                assertThatThrownBy(() -> lines.createReader(part, position))
                        .as("%s at %d", part, position)
                        .isInstanceOf(FileFormatException.class)
                        .hasMessage(
                                text
                                        + " is not the file it was: reading is to go on behind byte"
                                        + " "
                                        + position
                                        + ", but no line starts there; the file has 12 bytes. Bring"
                                        + " the file back as it was, or start the job afresh.");
            }
        }
    }
}
