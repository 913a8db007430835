package io.aquifer.examples;

import static io.aquifer.examples.ExampleData.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.examples.FlightsOracle.Expected;
import io.aquifer.examples.FlightsOracle.Rejected;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The oracle against cases worked out by hand and against what is published about the data.
class FlightsOracleTest {
    @TempDir Path directory;

    @Test
    void of_handMadeRows_giveWhatWasWorkedOutByHand() throws Exception {
        Expected expected =
                of(
                        "2001-01-01T00:59,10,100,AAA,BBB",
                        "2001-01-01T00:00,-3,100,AAA,BBB",
                        "2001-01-01T00:00,-3,100,AAA,BBB",
                        "2001-01-01T00:30,0,100,AAA,CCC",
                        "2001-01-01T01:00,1440,1,AAA,BBB",
                        "2001-01-01T00:10,-200,100,ZZZ,AAA",
                        "2001-01-01T00:10,5,100,0Q1,AAA");

        assertThat(expected.rows()).isEqualTo(7);
        assertThat(expected.accepted()).isEqualTo(7);
        assertThat(expected.duplicates()).isEqualTo(1);
        assertThat(expected.rejects()).isEmpty();
        assertThat(expected.windowLines())
                .containsExactly(
                        "2001-01-01T00:00,0Q1,1,5.000,5,5,,",
                        "2001-01-01T00:00,AAA,3,2.333,10,10,\"Here, \"\"There\"\"\",NA",
                        "2001-01-01T00:00,ZZZ,1,-200.000,-200,-200,,",
                        "2001-01-01T01:00,AAA,1,1440.000,1440,1440,\"Here, \"\"There\"\"\",NA");
        assertThat(expected.topTen()).containsExactly("AAA 4", "0Q1 1", "ZZZ 1");
    }

    @Test
    void of_rowsWithFaults_rejectsEachOnceForItsFirstFault() throws Exception {
        Expected expected =
                of(
                        "2001-01-01T00:00,1,100,NA,BBB",
                        "2001-01-01T00:00,1,100,NAN,BBB",
                        ",x,0,,",
                        "2001-02-29T00:00,1,100,AAA,BBB",
                        "2001-01-01 00:00,1,100,AAA,BBB",
                        "2001-01-01T24:00,1,100,AAA,BBB",
                        "2001-01-01T00:00,,100,AAA,BBB",
                        "2001-01-01T00:00,NA,100,AAA,BBB",
                        "2001-01-01T00:00,1.5,100,AAA,BBB",
                        "2001-01-01T00:00,99999999999999999999,100,AAA,BBB",
                        "2001-01-01T00:00,-201,100,AAA,BBB",
                        "2001-01-01T00:00,1441,0,A,B",
                        "2001-01-01T00:00,1,0,AAA,BBB",
                        "2001-01-01T00:00,1,-5,AAA,BBB",
                        "2001-01-01T00:00,1,far,AAA,BBB",
                        "2001-01-01T00:00,1,,AAA,BBB",
                        "2001-01-01T00:00,1,100,AA,BBB",
                        "2001-01-01T00:00,1,100,AAAA,BBB",
                        "2001-01-01T00:00,1,100,A A,BBB",
                        "2001-01-01T00:00,1,100,\"\",BBB",
                        "2001-01-01T00:00,1,100,AAA,B-B",
                        "2001-01-01T00:00,1,100,AAA",
                        "2001-01-01T00:00,1441,0,A,B");

        assertThat(expected.rejects())
                .containsExactly(
                        new Rejected(1, "origin", "range", "NA"),
                        new Rejected(3, "date", "missing", ""),
                        new Rejected(4, "date", "unreadable", "2001-02-29T00:00"),
                        new Rejected(5, "date", "unreadable", "2001-01-01 00:00"),
                        new Rejected(6, "date", "unreadable", "2001-01-01T24:00"),
                        new Rejected(7, "delay", "missing", ""),
                        new Rejected(8, "delay", "unreadable", "NA"),
                        new Rejected(9, "delay", "unreadable", "1.5"),
                        new Rejected(10, "delay", "unreadable", "99999999999999999999"),
                        new Rejected(11, "delay", "range", "-201"),
                        new Rejected(12, "delay", "range", "1441"),
                        new Rejected(13, "distance", "range", "0"),
                        new Rejected(14, "distance", "range", "-5"),
                        new Rejected(15, "distance", "unreadable", "far"),
                        new Rejected(16, "distance", "missing", ""),
                        new Rejected(17, "origin", "range", "AA"),
                        new Rejected(18, "origin", "range", "AAAA"),
                        new Rejected(19, "origin", "range", "A A"),
                        new Rejected(20, "origin", "missing", ""),
                        new Rejected(21, "destination", "range", "B-B"),
                        new Rejected(22, "destination", "missing", ""),
                        new Rejected(23, "delay", "range", "1441"));
        assertThat(expected.rejectsByFault())
                .containsEntry("delay range", 3L)
                .containsEntry("date unreadable", 3L);
        assertThat(expected.accepted()).isEqualTo(1);
        assertThat(expected.duplicates()).isZero();
        assertThat(expected.windowLines()).containsExactly("2001-01-01T00:00,NAN,1,1.000,1,1,,");
    }

    /// Of 20 flights 19 are 95 %; of 21, 19.95 are, so 20; of 1, one.
    @Test
    void of_windowsOfTwentyAndTwentyOneFlights_takeTheDelayThatNinetyFivePercentDoNotExceed()
            throws Exception {
        List<String> rows = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            rows.add("2001-01-01T00:%02d,%d,100,AAA,BBB".formatted(i, i));
        }
        for (int i = 1; i <= 21; i++) {
            rows.add("2001-01-01T01:%02d,%d,100,AAA,BBB".formatted(i, i));
        }
        for (int i = 1; i <= 20; i++) {
            rows.add("2001-01-01T02:%02d,%d,100,AAA,BBB".formatted(i, i <= 10 ? 1 : 7));
        }
        assertThat(of(rows.toArray(String[]::new)).windowLines())
                .map(line -> line.substring(0, line.indexOf('"')))
                .containsExactly(
                        "2001-01-01T00:00,AAA,20,10.500,19,20,",
                        "2001-01-01T01:00,AAA,21,11.000,20,21,",
                        "2001-01-01T02:00,AAA,20,4.000,7,7,");
    }

    @Test
    void mean_ties_areRoundedAwayFromZero() {
        assertThat(FlightsOracle.mean(1, 16)).isEqualTo("0.063");
        assertThat(FlightsOracle.mean(-1, 16)).isEqualTo("-0.063");
        assertThat(FlightsOracle.mean(2, 3)).isEqualTo("0.667");
        assertThat(FlightsOracle.mean(-1, 3000)).isEqualTo("0.000");
        assertThat(FlightsOracle.mean(-7, 1)).isEqualTo("-7.000");
    }

    @Test
    void field_specialCharacters_areQuoted() {
        assertThat(FlightsOracle.field("New York")).isEqualTo("New York");
        assertThat(FlightsOracle.field("a,b")).isEqualTo("\"a,b\"");
        assertThat(FlightsOracle.field("say \"hi\"\r\n")).isEqualTo("\"say \"\"hi\"\"\r\n\"");
        assertThat(FlightsOracle.field("")).isEmpty();
    }

    @Test
    void of_missingFile_namesIt() throws Exception {
        Path airports = file("airports.csv");
        assertThatThrownBy(() -> FlightsOracle.of(directory.resolve("none.csv"), airports))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.csv");
    }

    @Test
    void of_threeMillionFlights_agreesWithWhatIsKnownOfThem() throws Exception {
        Path flights = file("flights-3m.parquet");
        Expected expected = FlightsOracle.of(flights, file("airports.csv"));

        assertThat(expected.rows()).isEqualTo(3_000_000);
        assertThat(expected.rejectsByFault()).isEqualTo(Map.of("delay range", 11L));
        assertThat(expected.accepted()).isEqualTo(3_000_000 - 11);
        assertThat(expected.duplicates()).isEqualTo(191);
        long inWindows =
                expected.windowLines().stream()
                        .mapToLong(line -> Long.parseLong(line.split(",")[2]))
                        .sum();
        assertThat(inWindows).isEqualTo(3_000_000 - 11 - 191);
        assertThat(expected.windowLines()).doesNotHaveDuplicates().isSorted();
        assertThat(expected.topTen())
                .hasSize(10)
                .map(line -> line.substring(0, 3))
                .startsWith("ORD", "DFW", "ATL", "LAX", "PHX");

        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            String from = " FROM '" + flights + "'";
            assertThat(
                            texts(
                                    statement,
                                    "SELECT count(DISTINCT origin) || ' ' || count(DISTINCT"
                                            + " destination)"
                                            + from))
                    .containsExactly("229 228");
            assertThat(
                            texts(
                                    statement,
                                    "SELECT origin || ' ' || count(*) || ' ' || round(avg(delay),"
                                            + " 3)"
                                            + from
                                            + " GROUP BY origin ORDER BY count(*) DESC LIMIT 5"))
                    .containsExactly(
                            "ORD 166341 9.274",
                            "DFW 157162 7.701",
                            "ATL 124711 8.828",
                            "LAX 115245 7.423",
                            "PHX 93036 9.994");
        }
    }

    @Test
    void of_theCsvAndTheSameRowsOfTheParquet_areTheSame() throws Exception {
        Path head = directory.resolve("head.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT * FROM '%s' LIMIT 200000) TO '%s' (FORMAT parquet)"
                            .formatted(file("flights-3m.parquet"), head));
        }
        Expected ofCsv = FlightsOracle.of(file("flights-200k.csv.gz"), file("airports.csv"));

        assertThat(ofCsv.rows()).isEqualTo(200_000);
        assertThat(ofCsv.windowLines()).isNotEmpty();
        assertThat(FlightsOracle.of(head, file("airports.csv"))).isEqualTo(ofCsv);
    }

    private Expected of(String... rows) throws Exception {
        Path flights = directory.resolve("flights.csv");
        Files.writeString(
                flights,
                "date,delay,distance,origin,destination\n" + String.join("\n", rows) + "\n");
        Path airports = directory.resolve("airports.csv");
        Files.writeString(
                airports,
                """
                iata,name,city,state,country,latitude,longitude
                AAA,"Field, Main","Here, ""There""\",NA,USA,1.0,2.0
                0Q1,Small,,,USA,1.0,2.0
                """);
        return FlightsOracle.of(flights, airports);
    }

    private static List<String> texts(Statement statement, String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                texts.add(result.getString(1));
            }
        }
        return texts;
    }
}
