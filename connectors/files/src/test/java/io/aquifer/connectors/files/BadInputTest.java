package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What the user reads when the input is not what the job wants. The texts are part of the product.
class BadInputTest {
    @TempDir Path directory;

    record Flight(String date, int delay, int distance, String origin) {}

    private Path file(String name, byte... content) throws IOException {
        return Files.write(directory.resolve(name), content);
    }

    private Path file(String name, String content) throws IOException {
        return file(name, content.getBytes(UTF_8));
    }

    private static String problem(Path path) {
        try {
            Collected.of(FileSource.of(Flight.class, path));
        } catch (IOException e) {
            assertThat(e).isInstanceOfAny(FileFormatException.class, FileAccessException.class);
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError(path + " was read");
    }

    @Test
    void noSuchFile_namesTheOneThatWasMeant() throws IOException {
        file("flights.csv", "x");
        Path wrong = directory.resolve("fligths.csv");
        assertThat(problem(wrong))
                .isEqualTo(
                        "cannot read "
                                + wrong
                                + ": no such file or directory; did you mean "
                                + "'flights.csv'? It was looked for as "
                                + wrong
                                + ".");
        Path nowhere = directory.resolve("a/b/c.csv");
        assertThat(problem(nowhere))
                .isEqualTo(
                        "cannot read "
                                + nowhere
                                + ": no such file or directory. It was looked for as "
                                + nowhere
                                + ".");
    }

    @Test
    void directoryWithoutFiles_saysWhatWasThere() throws IOException {
        file(".hidden.csv", "x");
        file("_SUCCESS");
        file("empty.csv");
        assertThat(problem(directory))
                .isEqualTo(
                        directory
                                + " is a directory without data files: 1 empty and 2 hidden or"
                                + " marker files in it, directories inside are not searched. Put"
                                + " files that end in .csv, .tsv, .jsonl, .ndjson (each also with"
                                + " .gz) and .parquet there, or name another path.");
    }

    @Test
    void directoryOfTwoFormats_namesAFileOfEach() throws IOException {
        file("a.csv", "date\n");
        file("b.jsonl", "{}\n");
        assertThat(problem(directory))
                .isEqualTo(
                        directory
                                + " has files of several formats: a.csv is CSV, b.jsonl is"
                                + " JSON_LINES. Keep one format in a directory, or read them as two"
                                + " sources.");
    }

    @Test
    void emptyFile_isSaidToBeEmpty() throws IOException {
        for (String name : List.of("e.csv", "e.parquet", "e.jsonl", "e.csv.gz")) {
            Path empty = file(name);
            assertThat(problem(empty))
                    .isEqualTo(
                            empty
                                    + " is empty: 0 bytes. Copy or write the file again, or take it"
                                    + " out of the input.");
        }
        Path blank = file("blank.csv", "\n\n\r\n");
        assertThat(problem(blank))
                .startsWith(blank + " has no header: there is no line that is not blank.");
    }

    @Test
    void headerOnly_isAFileWithoutRows() throws IOException {
        Path header = file("h.csv", "date,delay,distance,origin");
        assertThat(Collected.of(FileSource.of(Flight.class, header)).all).isEmpty();
    }

    @Test
    void unknownEnding_listsTheKnownOnes() throws IOException {
        Path other = file("flights.xlsx", "x");
        assertThat(problem(other))
                .isEqualTo(
                        "cannot tell the format of "
                                + other
                                + " by its name: known endings are .csv, .tsv, .jsonl, .ndjson"
                                + " (each also with .gz) and .parquet. Rename the file, or name the"
                                + " format with FileSource.as(FileFormat.CSV).");
        assertThat(problem(file("flights.parquet.gz", "x")))
                .startsWith("cannot tell the format of ");
    }

    @Test
    void missingOrMisspeltColumn_isNamedWithTheNearest() throws IOException {
        Path misspelt = file("m.csv", "date,delay,distnace,origin\n");
        assertThat(problem(misspelt))
                .isEqualTo(
                        misspelt
                                + " has no column for 'distance', which record Flight needs; did"
                                + " you mean 'distnace'? Its columns are: date, delay, distnace,"
                                + " origin. Rename the column or the record's component, or call"
                                + " FileSource.optional(\"distance\").");
        Path missing = file("n.csv", "date,delay,origin\n");
        assertThat(problem(missing))
                .isEqualTo(
                        missing
                                + " has no column for 'distance', which record Flight needs. Its"
                                + " columns are: date, delay, origin. Rename the column or the"
                                + " record's component, or call "
                                + "FileSource.optional(\"distance\").");
        Path twice = file("t.csv", "date,delay,origin,distance,delay\n");
        assertThat(problem(twice))
                .startsWith(twice + " has several columns for 'delay' of record Flight.");
        Path semicolons = file("s.csv", "date;delay;distance;origin\n");
        assertThat(problem(semicolons)).contains("Its columns are: date;delay;distance;origin");
        Path json =
                file("j.jsonl", "{\"date\":\"d\",\"dealy\":1,\"distance\":1,\"origin\":\"x\"}\n");
        assertThat(problem(json))
                .startsWith(
                        json
                                + " has no column for 'delay', which record Flight needs; did you"
                                + " mean 'dealy'? Its columns are: date, dealy, distance, origin.");
    }

    @Test
    void binaryFileNamedCsv_isNotText() throws IOException {
        byte[] bytes = "date,delay,distance,origin\n2001,1,1,ORD\n".getBytes(UTF_8);
        byte[] nul = bytes.clone();
        nul[30] = 0;
        Path binary = file("b.csv", nul);
        assertThat(problem(binary))
                .isEqualTo(
                        binary
                                + " is not text: there is a NUL at byte 30, so it is a binary file"
                                + " or UTF-16. Give the file its own ending, or save it as UTF-8.");
        Path latin = file("l.csv", "date,délai\n".getBytes(ISO_8859_1));
        assertThat(problem(latin))
                .isEqualTo(
                        latin
                                + " is not text in UTF-8: byte 6 is 0xE9. If it is text in another"
                                + " character set, convert it first, such as with iconv -f"
                                + " ISO-8859-1 -t UTF-8; if it is a binary file, give it its own "
                                + "ending.");
        Path wide = file("w.csv", "date,delay\n".getBytes(UTF_16));
        assertThat(problem(wide)).startsWith(wide + " is not text: there is a NUL at byte 2");
        Path zipped = file("z.csv", GzipStreamTest.gzip(bytes));
        assertThat(problem(zipped))
                .isEqualTo(
                        zipped
                                + " is compressed with gzip although its name does not say so."
                                + " Rename it to z.csv.gz.");
        Path plain = file("p.csv.gz", bytes);
        assertThat(problem(plain))
                .startsWith(plain + " is not compressed with gzip although its name ends in .gz.");
        Path noParquet = file("c.parquet", bytes);
        assertThat(problem(noParquet))
                .startsWith(noParquet + " is not a Parquet file: it does not start with PAR1.");
    }

    @Test
    void gzipCutAtEveryByte_givesWholeRowsAndThenAnErrorWithTheirNumber() throws IOException {
        StringBuilder text = new StringBuilder("date,delay,distance,origin\n");
        for (int i = 0; i < 60; i++) {
            text.append("d")
                    .append(i * i)
                    .append(',')
                    .append(i)
                    .append(',')
                    .append(i * 37 % 1000)
                    .append(",ORD\n");
        }
        byte[] whole = GzipStreamTest.gzip(text.toString().getBytes(UTF_8));
        List<Flight> rows =
                Collected.of(FileSource.of(Flight.class, file("whole.csv.gz", whole))).records;
        Path cut = directory.resolve("cut.csv.gz");
        int most = 0;
        for (int length = 1; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            FileSource<Flight> source = FileSource.of(Flight.class, cut);
            Collected<Flight> read = new Collected<>();
            try {
                read.readAll(source, new SourceSplit(cut.toString(), 0, Long.MAX_VALUE), 0);
                throw new AssertionError(
                        "a file cut at " + length + " of " + whole.length + " bytes was read");
            } catch (FileFormatException e) {
                String before =
                        read.all.isEmpty()
                                ? "No row could be read."
                                : "The " + read.all.size() + " rows before were read.";
                assertThat(e)
                        .hasMessage(
                                cut
                                        + " is cut off: gzip has no end, the file stops after "
                                        + length
                                        + " bytes. "
                                        + before
                                        + " Copy or download the file again, or take it out of the"
                                        + " input.");
            }
            assertThat(read.all)
                    .as("cut at %d", length)
                    .isEqualTo(rows.subList(0, read.all.size()));
            most = Math.max(most, read.all.size());
        }
        assertThat(most).isEqualTo(60);
    }

    @Test
    void failedReader_failsAgainInsteadOfEnding() throws IOException {
        byte[] whole =
                GzipStreamTest.gzip("date,delay,distance,origin\nd,1,1,ORD\n".getBytes(UTF_8));
        Path cut = file("again.csv.gz", Arrays.copyOf(whole, whole.length - 5));
        FileSource<Flight> source = FileSource.of(Flight.class, cut);
        try (SourceReader<Flight> reader = source.createReader(source.splits().getFirst(), 0)) {
            Collected<Flight> read = new Collected<>();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> reader.read(read, 256))
                        .isInstanceOf(FileFormatException.class);
            }
            assertThat(read.all).hasSize(1);
            assertThat(reader.position()).isEqualTo(1);
        }
    }

    @Test
    void fieldOfMoreThan16MiB_isAnErrorThatNamesTheRow() throws IOException {
        Path huge = directory.resolve("huge.csv");
        try (var writer = Files.newBufferedWriter(huge)) {
            writer.write("date,delay,distance,origin\nd,1,1,ORD\nd,2,1,\"");
            String part = "x,\n".repeat(50_000);
            for (int i = 0; i < 150; i++) {
                writer.write(part);
            }
        }
        assertThat(problem(huge))
                .isEqualTo(
                        huge
                                + ": a field that starts in row 2 is longer than 16 MiB. Most"
                                + " likely a quote that opens there is never closed: look at that"
                                + " row.");
    }

    @Test
    void specialFile_isRefused() {
        assertThat(problem(Path.of("/dev/null")))
                .startsWith("cannot read /dev/null: it is neither a file nor a directory.");
    }

    @Test
    void recordsAndChecksThatCannotWork_areRefusedWhenTheyAreSaid() {
        record Listed(List<String> names) {}
        assertThatThrownBy(() -> FileSource.of(Listed.class, directory))
                .hasMessage(
                        "component 'names' of record Listed is a List, which a file's column cannot"
                                + " hold; use int, long, double, boolean, String, an enum,"
                                + " LocalDateTime, LocalDate, Instant or BigDecimal");
        FileSource<Flight> source = FileSource.of(Flight.class, directory);
        assertThatThrownBy(() -> source.check("dealy", d -> true, ""))
                .hasMessage(
                        "record Flight has no component for column 'dealy'; did you mean 'delay'?"
                                + " Its components are: date, delay, distance, origin");
        assertThatThrownBy(() -> source.check("origin", d -> true, ""))
                .hasMessageStartingWith(
                        "this check wants an int, a long or a time, but component 'origin' of"
                                + " record Flight is a String");
        assertThatThrownBy(() -> source.optional("delay"))
                .hasMessageContaining("is a primitive int and cannot be empty");
        assertThatThrownBy(() -> FileSource.text(directory).as(FileFormat.CSV))
                .hasMessageContaining("FileSource.text");
    }
}
