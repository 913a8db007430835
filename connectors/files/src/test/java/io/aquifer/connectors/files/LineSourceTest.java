package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Text and JSON lines: what a line becomes, byte ranges of any size, and reading again from every
/// position.
class LineSourceTest {
    @TempDir Path directory;

    record Event(
            long id,
            String userName,
            double amount,
            @Nullable Boolean flag,
            LocalDateTime at,
            BigDecimal price) {}

    private Path file(String name, String content) throws IOException {
        return Files.write(directory.resolve(name), content.getBytes(UTF_8));
    }

    @Test
    void jsonObjects_becomeRecordsWhateverTheFieldsOrder() throws IOException {
        Path json =
                file(
                        "e.jsonl",
                        "\uFEFF{\"id\":1,\"user_name\":\"ann\",\"amount\":1.5,\"flag\":true,\"at\":\"2001-01-01T00:01\",\"price\":1.10}\r\n"
                            + "\n"
                            + "  \n"
                            + "{\"price\":3,\"at\":\"2001-01-01"
                            + " 00:01:02\",\"nested\":{\"a\":[1]},\"amount\":\"2\",\"userName\":\"b\\u00e4\","
                            + "\"id\":\"9007199254740993\"}");
        assertThat(Collected.of(FileSource.of(Event.class, json)).all)
                .containsExactly(
                        new Event(
                                1,
                                "ann",
                                1.5,
                                true,
                                LocalDateTime.of(2001, 1, 1, 0, 1),
                                new BigDecimal("1.10")),
                        new Event(
                                9007199254740993L,
                                "bä",
                                2,
                                null,
                                LocalDateTime.of(2001, 1, 1, 0, 1, 2),
                                new BigDecimal(3)));
    }

    @Test
    void badLines_areRejectedOnceWithTheFirstFaultInRecordOrder() throws IOException {
        String good =
                "{\"id\":1,\"user_name\":\"ann\",\"amount\":1.5,\"at\":\"2001-01-01T00:01\",\"price\":1.10}\n";
        Path json =
                file(
                        "e.ndjson",
                        good
                                + "{\"id\":1\n"
                                + "[1,2]\n"
                                + "{}{}\n"
                                + "{\"amount\":\"x\",\"id\":1.5,\"user_name\":\"ann\"}\n"
                                + "{\"id\":1,\"user_name\":null}\n"
                                + "{\"id\":99999999999999999999,\"user_name\":\"a\"}\n"
                                + "{\"id\":1,\"user_name\":[\"a\"]}\n"
                                + "{\"id\":1,\"user_name\":\"\u00ff\",\"amount\":true}\n"
                                + "{\"id\":-5,\"user_name\":\"ann\",\"amount\":1}\n"
                                + good);
        Collected<Event> read =
                Collected.of(
                        FileSource.of(Event.class, json)
                                .check("id", id -> id > 0, "id not positive"));
        assertThat(read.records).hasSize(2);
        assertThat(read.reasons())
                .containsExactly(
                        "2 : not JSON [{\"id\":1]",
                        "3 : not a JSON object [[1,2]]",
                        "4 : more than one JSON object [{}{}]",
                        "5 id: not a whole number [1.5]",
                        "6 userName: missing [null]",
                        "7 id: too large for a long [99999999999999999999]",
                        "8 userName: not a single value [[]",
                        "9 amount: not a number [true]",
                        "10 id: id not positive [-5]");
    }

    @Test
    void textLines_areRecordsBlankOnesToo_andBadBytesAreRejects() throws IOException {
        Path text =
                Files.write(
                        directory.resolve("t.txt"),
                        new byte[] {
                            (byte) 0xEF,
                            (byte) 0xBB,
                            (byte) 0xBF,
                            'a',
                            '\r',
                            '\n',
                            '\n',
                            'b',
                            (byte) 0xFF,
                            '\n',
                            (byte) 0xC3,
                            (byte) 0xA4
                        });
        Collected<String> read = Collected.of(FileSource.text(text));
        assertThat(read.records).containsExactly("a", "", "ä");
        assertThat(read.reasons()).containsExactly("3 : not UTF-8 [byte 1 of the line: b\uFFFD]");
    }

    @Test
    void lineOfMoreThan16MiB_isARejectAndReadingGoesOn() throws IOException {
        byte[] bytes = new byte[40 * 1024 * 1024];
        Arrays.fill(bytes, (byte) 'x');
        bytes[2] = '\n';
        bytes[bytes.length - 3] = '\n';
        Path text = Files.write(directory.resolve("long.txt"), bytes);
        Collected<String> read = Collected.of(FileSource.text(text));
        assertThat(read.records).containsExactly("xx", "xx");
        assertThat(read.reasons()).containsExactly("2 : longer than 16 MiB [byte 3]");
    }

    /// Lines of every length, some of them longer than a range, cut into ranges of random size.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {5, 55, 555})
    void ranges_ofAnySize_giveEachLineOnceInOrder(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String line = "ä".repeat(random.nextInt(random.nextInt(10) == 0 ? 200 : 6));
            lines.add(line);
            text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
        }
        lines.add("last");
        Path path = file("ranges.txt", text + "last");
        for (int i = 0; i < 60; i++) {
            FileSource<String> source =
                    FileSource.text(path).withRangeBytes(1 + random.nextInt(i < 20 ? 5 : 300));
            Collected<String> read = Collected.of(source);
            assertThat(read.all).as("seed %d", seed).isEqualTo(lines);
        }
    }

    @Test
    void everyPosition_ofEveryRange_givesExactlyTheRest() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1500; i++) {
            text.append("{\"id\":")
                    .append(i)
                    .append(
                            ",\"user_name\":\"ann\",\"amount\":1,\"at\":\"2001-01-01T00:01\",\"price\":1}\n");
        }
        for (Path path :
                List.of(
                        file("p.jsonl", text.toString()),
                        Files.write(
                                directory.resolve("p.jsonl.gz"),
                                GzipStreamTest.gzip(text.toString().getBytes(UTF_8))))) {
            FileSource<Event> source = FileSource.of(Event.class, path).withRangeBytes(50_000);
            for (SourceSplit split : source.splits()) {
                Collected<Event> whole = new Collected<>();
                List<Long> positions = new ArrayList<>();
                List<Integer> counts = new ArrayList<>();
                try (SourceReader<Event> reader = source.createReader(split, split.start())) {
                    do {
                        positions.add(reader.position());
                        counts.add(whole.all.size());
                    } while (reader.read(whole, 256));
                }
                for (int i = 0; i < positions.size(); i++) {
                    Collected<Event> rest = new Collected<>();
                    rest.readAll(source, split, positions.get(i));
                    assertThat(rest.all)
                            .isEqualTo(whole.all.subList(counts.get(i), whole.all.size()));
                }
            }
        }
    }

    @Test
    void rangesBehindTheFirst_tellRejectsByByte() throws IOException {
        Path path = file("r.jsonl", "{\"id\":0}\n".repeat(4));
        FileSource<Event> source = FileSource.of(Event.class, path).withRangeBytes(18);
        assertThat(Collected.of(source).reasons())
                .containsExactly(
                        "1 userName: missing []",
                        "2 userName: missing []",
                        "byte 18 userName: missing []",
                        "byte 27 userName: missing []");
        assertThat(source.splits())
                .extracting(SourceSplit::id)
                .containsExactly(path.toString(), path + "#18");
    }
}
