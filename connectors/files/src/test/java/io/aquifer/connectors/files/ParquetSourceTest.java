package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.connector.SourceReader;
import io.aquifer.api.connector.SourceSplit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The files of `src/test/resources/parquet`, written by another library, row by row against the
/// formula behind them.
class ParquetSourceTest {
    private static final int ROWS = 200;
    private static final LocalDateTime BASE = LocalDateTime.of(2001, 1, 1, 0, 0);

    @TempDir Path directory;

    record Wide(
            long id,
            @Nullable Integer small,
            double realNumber,
            double single,
            boolean flag,
            String code,
            String name,
            LocalDate day,
            LocalDateTime atMillis,
            long atMicros,
            LocalDateTime atNanos,
            Instant atUtc,
            BigDecimal price,
            long unsigned) {
        static Wide of(int i) {
            LocalDateTime at = BASE.plus(i * 60_001L, ChronoUnit.MILLIS);
            return new Wide(
                    i * 7919L - 500_000_000_000L,
                    i % 11 == 0 ? null : i * 3 - 100,
                    i / 8.0,
                    Double.parseDouble(Float.toString((float) (i / 4.0 + 0.1))),
                    i % 3 == 0,
                    "ABCDEFG".substring(i % 7, i % 7 + 1).repeat(3),
                    "n" + i + "-ä€😀",
                    LocalDate.of(2000, 2, 14).plusDays(i),
                    at,
                    at.toInstant(ZoneOffset.UTC).toEpochMilli(),
                    at,
                    at.toInstant(ZoneOffset.UTC),
                    BigDecimal.valueOf(i * 125L, 2),
                    4_000_000_000L + i);
        }
    }

    record Tiny(long id, String code, LocalDateTime atMicros) {
        static Tiny of(int i) {
            Wide wide = Wide.of(i);
            return new Tiny(wide.id, wide.code, wide.atMillis);
        }
    }

    private Path copy(String name) throws IOException {
        Path target = directory.resolve(name + ".parquet");
        try (InputStream in =
                ParquetSourceTest.class.getResourceAsStream("/parquet/" + name + ".parquet")) {
            assertThat(in).isNotNull();
            Files.write(target, in.readAllBytes());
        }
        return target;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "snappy",
                "gzip",
                "zstd",
                "lz4",
                "zstd-v2",
                "checksum",
                "delta",
                "int96"
            })
    void everyCodecPageVersionAndEncoding_givesTheSameRows(String name) throws IOException {
        List<Wide> rows = Collected.of(FileSource.of(Wide.class, copy(name))).records;
        assertThat(rows).hasSize(ROWS);
        for (int i = 0; i < ROWS; i++) {
            assertThat(rows.get(i)).as("row %d", i).isEqualTo(Wide.of(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "zstd-v2", "delta"})
    void everyPosition_givesExactlyTheRest(String name) throws IOException {
        FileSource<Wide> source = FileSource.of(Wide.class, copy(name));
        SourceSplit split = source.splits().getFirst();
        for (int position = 0; position <= ROWS; position++) {
            Collected<Wide> rest = new Collected<>();
            rest.readAll(source, split, position);
            assertThat(rest.records).hasSize(ROWS - position);
            if (position < ROWS) {
                assertThat(rest.records.getFirst()).isEqualTo(Wide.of(position));
                assertThat(rest.records.getLast()).isEqualTo(Wide.of(ROWS - 1));
            }
        }
    }

    @Test
    void nullsRangesAndChecks_areRejectsInColumnOrder() throws IOException {
        record Strict(int small, String code) {}
        Collected<Strict> read =
                Collected.of(
                        FileSource.of(Strict.class, copy("zstd"))
                                .check("small", small -> small < 490, "too high")
                                .checkText("code", code -> !code.equals("GGG"), "no G"));
        long faults =
                java.util.stream.IntStream.range(0, ROWS)
                        .filter(i -> i % 11 == 0 || i * 3 - 100 >= 490 || i % 7 == 6)
                        .count();
        assertThat(read.reasons())
                .hasSize((int) faults)
                .contains(
                        "1 small: missing []", "14 code: no G [GGG]", "198 small: too high [491]");

        record Narrow(int id) {}
        assertThat(Collected.of(FileSource.of(Narrow.class, copy("zstd"))).reasons())
                .hasSize(ROWS)
                .startsWith("1 id: too large for an int [-500000000000]");
    }

    @Test
    void columnThatDoesNotFitTheComponent_isAnErrorThatNamesBoth() throws IOException {
        record Wrong(int atMillis) {}
        assertThatThrownBy(() -> FileSource.of(Wrong.class, copy("zstd")).splits())
                .isInstanceOf(FileFormatException.class)
                .hasMessageContaining("zstd.parquet has INT64 (TIMESTAMP")
                .hasMessageContaining(
                        "in column 'at_millis', which cannot become the int 'atMillis' of record"
                                + " Wrong. Change the component's type");
        record Misspelt(String cod) {}
        assertThatThrownBy(() -> FileSource.of(Misspelt.class, copy("zstd")).splits())
                .hasMessageContaining(
                        "has no column for 'cod', which record Misspelt needs; did you mean 'code'?"
                                + " Its columns are: id, small, real_number");
    }

    @Test
    void brotli_isRefusedWithWhatToDo() throws IOException {
        assertThatThrownBy(() -> FileSource.of(Tiny.class, copy("brotli")).splits())
                .hasMessageContaining(
                        "is compressed with BROTLI, which cannot be read. Write it again with"
                                + " ZSTD");
    }

    @Test
    void truncation_atEveryByte_isAnErrorThatNamesTheFile() throws IOException {
        byte[] whole = Files.readAllBytes(copy("tiny"));
        Path cut = directory.resolve("cut.parquet");
        FileSource<Tiny> source = FileSource.of(Tiny.class, cut);
        for (int length = 1; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Collected.of(source))
                    .as("%d bytes", length)
                    .isInstanceOf(FileFormatException.class)
                    .hasMessageContaining("cut.parquet");
        }
        Files.write(cut, Arrays.copyOf(whole, 1000));
        assertThatThrownBy(() -> source.splits())
                .hasMessage(
                        cut
                                + " is cut off after 1,000 bytes: a Parquet file ends with PAR1 and"
                                + " the footer before it. No row could be read. Copy or download"
                                + " the file again, or take it out of the input.");
    }

    /// Each byte changed in turn; the pages carry checksums, so a change in them is always noticed.
    @Test
    void everyChangedByte_isAnErrorOrHarmless() throws IOException {
        byte[] whole = Files.readAllBytes(copy("tiny"));
        Path changed = directory.resolve("changed.parquet");
        FileSource<Tiny> source = FileSource.of(Tiny.class, changed);
        SourceSplit split = new SourceSplit(changed.toString(), 0, Long.MAX_VALUE);
        int errors = 0;
        for (int at = 0; at < whole.length; at++) {
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 + at % 255);
            Files.write(changed, bytes);
            Collected<Tiny> read = new Collected<>();
            try {
                read.readAll(source, split, 0);
                assertThat(read.all).as("byte %d", at).hasSize(25);
            } catch (FileFormatException expected) {
                assertThat(expected)
                        .hasMessageContaining("changed.parquet")
                        .message()
                        .doesNotContain("Exception");
                errors++;
            }
        }
        assertThat(errors).isGreaterThan(whole.length / 2);
    }

    @Test
    void damageInTheMiddle_comesAfterTheRowsBeforeWithColumnAndRow() throws IOException {
        Path path = copy("tiny");
        byte[] bytes = Files.readAllBytes(path);
        // The last row group's data: the middle of its first column's page.
        try (ParquetFile file = new ParquetFile(path)) {
            long at =
                    file.footer()
                            .rowGroups()
                            .getLast()
                            .columns()
                            .getFirst()
                            .metaData()
                            .dataPageOffset();
            long size =
                    file.footer()
                            .rowGroups()
                            .getLast()
                            .columns()
                            .getFirst()
                            .metaData()
                            .totalCompressedSize();
            bytes[
                            (int)
                                    (file.footer()
                                                    .rowGroups()
                                                    .getLast()
                                                    .columns()
                                                    .getFirst()
                                                    .chunkStartOffset()
                                            + size
                                            - 3)] ^=
                    0x55;
            assertThat(at).isPositive();
        }
        Files.write(path, bytes);
        Collected<Tiny> read = new Collected<>();
        FileSource<Tiny> source = FileSource.of(Tiny.class, path);
        try (SourceReader<Tiny> reader = source.createReader(source.splits().getFirst(), 0)) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(
                                () -> {
                                    while (reader.read(read, 256)) {
                                        // until the damage
                                    }
                                })
                        .isInstanceOf(FileFormatException.class)
                        .hasMessageStartingWith(path + " is damaged in column 'id' after row 20 (")
                        .hasMessageEndingWith(
                                "The 20 rows before were read. Copy or download the file again, or"
                                        + " take it out of the input.");
            }
            assertThat(reader.position()).isEqualTo(20);
        }
        assertThat(read.records).hasSize(20);
    }

    @Test
    void reading_startsNoThreadAndLeavesNothingOpen() throws IOException {
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
        Path path = copy("zstd");
        FileSource<Wide> source = FileSource.of(Wide.class, path);
        try (SourceReader<Wide> reader = source.createReader(source.splits().getFirst(), 0)) {
            assertThat(reader.read(new Collected<>(), 256)).isTrue();
            assertThat(Thread.getAllStackTraces().keySet()).isSubsetOf(before);
        }
        Path descriptors = Path.of("/proc/self/fd");
        if (Files.isDirectory(descriptors)) {
            try (var open = Files.list(descriptors)) {
                assertThat(
                                open.map(
                                        fd -> {
                                            try {
                                                return Files.readSymbolicLink(fd).toString();
                                            } catch (IOException e) {
                                                return "closed meanwhile";
                                            }
                                        }))
                        .doesNotContain(path.toString());
            }
            assertThat(Files.readString(Path.of("/proc/self/maps")))
                    .doesNotContain(path.toString());
        }
    }
}
