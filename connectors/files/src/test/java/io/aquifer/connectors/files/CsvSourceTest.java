package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aquifer.api.connector.Reject;
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
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// CSV into records: what the columns may hold, which fault of a row counts, and reading again from
/// every position.
class CsvSourceTest {
    @TempDir Path directory;

    enum Size {
        SMALL,
        LARGE
    }

    record Everything(
            int whole,
            long big,
            double real,
            boolean flag,
            String text,
            Size size,
            LocalDateTime at,
            LocalDate day,
            Instant instant,
            BigDecimal price,
            @Nullable Integer maybe,
            @Nullable Boolean boxed) {}

    record Flight(LocalDateTime date, int depDelay, String origin) {
        Flight {
            if (origin.equals("BAD")) {
                throw new IllegalArgumentException("no flights from BAD");
            }
        }
    }

    record Pair(String left, String right) {}

    private Path file(String name, String content) throws IOException {
        return Files.write(directory.resolve(name), content.getBytes(UTF_8));
    }

    @Test
    void everyComponentType_isParsed() throws IOException {
        Path csv =
                file(
                        "all.csv",
                        """
                        whole,big,real,flag,text,size,at,day,instant,price,maybe,boxed,ignored
                        -7,9223372036854775807,0.1,TRUE,"a ""b"", c",LARGE,2001-02-28T23:59,2004-02-29,2001-01-01T00:00:00Z,12.50,,false,x
                        +7,-9223372036854775808,-1.5e-3,false,NA,SMALL,2001-02-28 23:59:58.25,1999-12-31,2001-01-01T02:00+02:00,1E+3,5,,
                        """);
        assertThat(Collected.of(FileSource.of(Everything.class, csv)).all)
                .containsExactly(
                        new Everything(
                                -7,
                                Long.MAX_VALUE,
                                0.1,
                                true,
                                "a \"b\", c",
                                Size.LARGE,
                                LocalDateTime.of(2001, 2, 28, 23, 59),
                                LocalDate.of(2004, 2, 29),
                                Instant.parse("2001-01-01T00:00:00Z"),
                                new BigDecimal("12.50"),
                                null,
                                false),
                        new Everything(
                                7,
                                Long.MIN_VALUE,
                                -0.0015,
                                false,
                                "NA",
                                Size.SMALL,
                                LocalDateTime.of(2001, 2, 28, 23, 59, 58, 250_000_000),
                                LocalDate.of(1999, 12, 31),
                                Instant.parse("2001-01-01T00:00:00Z"),
                                new BigDecimal("1E+3"),
                                5,
                                null));
    }

    @Test
    void badFields_areRejectedWithTheFirstFaultInColumnOrder() throws IOException {
        Path csv =
                file(
                        "flights.csv",
                        """
                        dep_delay,Origin,date
                        5,ORD,2001-01-01T00:01
                        x,,
                        ,ORD,2001-01-01T00:01
                        2147483648,ORD,2001-01-01T00:01
                        5,,2001-02-30T00:01
                        5,ORD,2001-02-30T00:01
                        900,ORD,never
                        5,BAD,2001-01-01T00:01
                        5
                        5,ORD,2001-01-01T00:01,extra
                        1.5,ORD,2001-01-01T00:01

                        6,ORD,2001-01-01 00:02
                        """);
        FileSource<Flight> source =
                FileSource.of(Flight.class, csv)
                        .check("depDelay", delay -> delay <= 600, "delay out of range");
        Collected<Flight> read = Collected.of(source);
        assertThat(read.records).extracting(Flight::depDelay).containsExactly(5, 6);
        assertThat(read.reasons())
                .containsExactly(
                        "2 dep_delay: not a whole number [x]",
                        "3 dep_delay: missing []",
                        "4 dep_delay: too large for an int [2147483648]",
                        "5 Origin: missing []",
                        "6 date: not a date-time [2001-02-30T00:01]",
                        "7 dep_delay: delay out of range [900]",
                        "8 : refused by Flight [no flights from BAD]",
                        "9 Origin: missing []",
                        "10 : more fields than the header [4 fields]",
                        "11 dep_delay: not a whole number [1.5]");
        assertThat(read.rejects).extracting(Reject::source).containsOnly(csv.toString());
    }

    @Test
    void numbersAtTheEdges_areExact() throws IOException {
        record Numbers(long whole, double real) {}
        Path csv =
                file(
                        "n.csv",
                        """
                        whole,real
                        9223372036854775808,1
                        -9223372036854775809,1
                        00000000000000000000012,123456789012345.6
                        1,NaN
                        1,0x10p1
                        1,1e999
                        1,.
                        -,1
                        1,1.
                        1,.5
                        1,-0
                        """);
        Collected<Numbers> read = Collected.of(FileSource.of(Numbers.class, csv));
        assertThat(read.records)
                .containsExactly(
                        new Numbers(12, 123456789012345.6),
                        new Numbers(1, 1),
                        new Numbers(1, 0.5),
                        new Numbers(1, -0.0));
        assertThat(read.reasons())
                .containsExactly(
                        "1 whole: too large for a long [9223372036854775808]",
                        "2 whole: too large for a long [-9223372036854775809]",
                        "4 real: not a number [NaN]",
                        "5 real: not a number [0x10p1]",
                        "6 real: not a number [1e999]",
                        "7 real: not a number [.]",
                        "8 whole: not a whole number [-]");
    }

    @Test
    void doubles_random_areParsedAsTheJdkDoes() throws IOException {
        record Real(double real) {}
        SplittableRandom random = new SplittableRandom(11);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            texts.add(
                    switch (i % 4) {
                        case 0 -> Double.isFinite(value) ? Double.toString(value) : "1";
                        case 1 ->
                                new BigDecimal(random.nextLong())
                                        .movePointLeft(random.nextInt(20))
                                        .toPlainString();
                        case 2 ->
                                Long.toString(random.nextInt(1_000_000))
                                        + "."
                                        + random.nextInt(1_000_000);
                        default -> "-" + random.nextInt(100) + ".0" + random.nextInt(1000);
                    });
        }
        Path csv = file("d.csv", "real\n" + String.join("\n", texts) + "\n");
        assertThat(Collected.of(FileSource.of(Real.class, csv)).records)
                .containsExactlyElementsOf(
                        texts.stream().map(t -> new Real(Double.parseDouble(t))).toList());
    }

    @Test
    void optionalColumns_emptyOrAbsent_yieldEmptyTextAndNull() throws IOException {
        record Airport(
                String iata, @Nullable LocalDate opened, String city, @Nullable Long height) {}
        Path csv = file("a.csv", "iata,city,height\nORD,,\nATL,Atlanta,300\n,x,1\n");
        Collected<Airport> read =
                Collected.of(FileSource.of(Airport.class, csv).optional("city").optional("opened"));
        assertThat(read.records)
                .containsExactly(
                        new Airport("ORD", null, "", null),
                        new Airport("ATL", null, "Atlanta", 300L));
        assertThat(read.reasons()).containsExactly("3 iata: missing []");
    }

    @Test
    void bomCrlfQuotedNewlinesAndNoLastNewline_areRead() throws IOException {
        Path csv = file("x.csv", "\uFEFFleft,right\r\n\"a\r\nb\",c\r\n\r\nd,\"e\"\"\n\"");
        assertThat(Collected.of(FileSource.of(Pair.class, csv)).all)
                .containsExactly(new Pair("a\r\nb", "c"), new Pair("d", "e\"\n"));
    }

    @Test
    void unclosedQuote_isARejectWithItsRowAndColumn() throws IOException {
        Path csv = file("q.csv", "left,right\na,b\nc,\"never closed\nd,e\n");
        Collected<Pair> read = Collected.of(FileSource.of(Pair.class, csv));
        assertThat(read.records).containsExactly(new Pair("a", "b"));
        assertThat(read.reasons())
                .containsExactly("2 right: a quote is never closed [never closed\nd,e\n\n]");
    }

    @Test
    void bytesThatAreNotUtf8BehindTheFirstBlock_areRejects() throws IOException {
        StringBuilder text = new StringBuilder("left,right\n");
        for (int i = 0; i < 10_000; i++) {
            text.append("left").append(i).append(",ri😀ht").append(i).append('\n');
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        byte[] bad = {'a', (byte) 0xE9, ',', 'b', '\n', 'c', ',', 'd', '\n'};
        byte[] all = Arrays.copyOf(bytes, bytes.length + bad.length);
        System.arraycopy(bad, 0, all, bytes.length, bad.length);
        Path csv = Files.write(directory.resolve("latin.csv"), all);
        Collected<Pair> read = Collected.of(FileSource.of(Pair.class, csv));
        assertThat(read.records)
                .hasSize(10_001)
                .contains(new Pair("c", "d"), new Pair("left9999", "ri😀ht9999"));
        assertThat(read.reasons()).containsExactly("10001 left: not UTF-8 [a\uFFFD]");
    }

    @Test
    void longValues_areShortenedInTheReject() throws IOException {
        Path csv =
                file(
                        "long.csv",
                        "dep_delay,origin,date\n" + "😀".repeat(500) + ",ORD,2001-01-01T00:00\n");
        Reject reject = Collected.of(FileSource.of(Flight.class, csv)).rejects.getFirst();
        assertThat(reject.value()).hasSizeLessThanOrEqualTo(200).endsWith("😀…");
    }

    /// Random texts of everything that is awkward in CSV, written by a simple writer of this test.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {3, 33, 333})
    void randomRows_readBackExactlyAndFromEveryPosition(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        String[] parts = {
            "a", "\"", ",", "\n", "\r\n", "ä", "😀", " ", "\t", ";", "x".repeat(50), "''", "\r"
        };
        List<Pair> rows = new ArrayList<>();
        StringBuilder text = new StringBuilder("left,right\n");
        for (int i = 0; i < 700; i++) {
            Pair pair = new Pair(awkward(random, parts), awkward(random, parts));
            rows.add(pair);
            text.append(quoted(pair.left))
                    .append(',')
                    .append(quoted(pair.right))
                    .append(random.nextBoolean() ? "\n" : "\r\n");
            if (random.nextInt(10) == 0) {
                text.append('\n');
            }
        }
        for (Path csv :
                List.of(
                        file("r.csv", text.toString()),
                        Files.write(
                                directory.resolve("r.csv.gz"),
                                GzipStreamTest.gzip(text.toString().getBytes(UTF_8))))) {
            FileSource<Pair> source = FileSource.of(Pair.class, csv);
            assertThat(Collected.of(source).all)
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(rows);
            SourceSplit split = source.splits().getFirst();
            try (SourceReader<Pair> reader = source.createReader(split, 0)) {
                Collected<Pair> before = new Collected<>();
                assertThat(reader.position()).isZero();
                while (reader.read(before, 256)) {
                    assertThat(reader.position()).isEqualTo(before.all.size());
                }
            }
            for (int position = 0;
                    position <= rows.size();
                    position += csv.toString().endsWith("gz") ? 37 : 7) {
                Collected<Pair> rest = new Collected<>();
                rest.readAll(source, split, position);
                assertThat(rest.all).isEqualTo(rows.subList(position, rows.size()));
            }
        }
    }

    private static String awkward(SplittableRandom random, String[] parts) {
        StringBuilder text = new StringBuilder();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return text.matches("[a-zä]+") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    @Test
    void directory_isReadInNameOrderWithoutHiddenAndMarkerFiles() throws IOException {
        file("b.csv", "left,right\n3,3\n");
        file("a.csv", "right,left\n1,2\n");
        file("a.csv.crc", "\0\0");
        file("_SUCCESS", "");
        file(".part.csv", "nonsense");
        file("empty.csv", "");
        Files.createDirectory(directory.resolve("inner.csv"));
        Files.write(
                directory.resolve("c.csv.gz"),
                GzipStreamTest.gzip("left,right\n4,4\n".getBytes(UTF_8)));
        FileSource<Pair> source = FileSource.of(Pair.class, directory);
        assertThat(source.splits())
                .extracting(split -> Path.of(split.id()).getFileName().toString())
                .containsExactly("a.csv", "b.csv", "c.csv.gz");
        assertThat(Collected.of(source).all)
                .containsExactly(new Pair("2", "1"), new Pair("3", "3"), new Pair("4", "4"));
    }

    @Test
    void tabSeparated_isReadByItsEndingAndByName() throws IOException {
        String text = "left\tright\na,b\tc\n";
        assertThat(Collected.of(FileSource.of(Pair.class, file("t.tsv", text))).all)
                .containsExactly(new Pair("a,b", "c"));
        assertThat(
                        Collected.of(
                                        FileSource.of(Pair.class, file("t.dat", text))
                                                .as(FileFormat.TSV))
                                .all)
                .containsExactly(new Pair("a,b", "c"));
    }

    @Test
    void equalCodes_areMostlyOneString() throws IOException {
        Path csv = file("codes.csv", "left,right\n" + "ORD,ATL\n".repeat(100));
        List<Pair> pairs = Collected.of(FileSource.of(Pair.class, csv)).records;
        assertThat(pairs)
                .allSatisfy(pair -> assertThat(pair.left()).isSameAs(pairs.getFirst().left()));
    }
}
