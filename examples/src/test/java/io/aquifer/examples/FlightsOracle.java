package io.aquifer.examples;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
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
import java.util.TreeMap;

/// What the `Flights` job must put out, computed by DuckDB from the same files, without a line of
/// Aquifer.
///
/// Every figure is exact: sums are integers, the mean is rounded half up from the quotient of two
/// integers, and the 95th percentile follows its definition, the smallest delay that at least 95 %
/// of the window's flights do not exceed.
///
/// A CSV file is read as text, and its fields are judged here by patterns, so that DuckDB's own
/// idea of a number or a date plays no part: a date is `yyyy-MM-ddTHH:mm` and a day of the
/// calendar, a number is an optional minus and digits that fit 64 bits. A missing field and an
/// empty one are the same. Rows with more than five fields are not allowed.
final class FlightsOracle {
    static final String HEADER =
            "window_start,origin,flights,mean_delay,p95_delay,max_delay,city,state";
    private static final String DATE_PATTERN = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}";
    private static final String NUMBER_PATTERN = "-?[0-9]+";
    private static final String CODE_PATTERN = "[A-Za-z0-9]{3}";

    private FlightsOracle() {}

    /// What must come out.
    ///
    /// @param rows data rows in the file
    /// @param accepted rows that passed cleaning, repeated ones included
    /// @param duplicates accepted rows that repeat an earlier accepted one, and are dropped
    /// @param rejects every rejected row once, in the file's order
    /// @param windowLines the CSV lines of `windows-*.csv` without the header, in order of window
    ///   start and origin
    /// @param topTen the ten origins with most flights as `ORD 166341`, most first, ties by code
    record Expected(
            long rows,
            long accepted,
            long duplicates,
            List<Rejected> rejects,
            List<String> windowLines,
            List<String> topTen) {
        /// How many rows were rejected for each `column fault`, such as `delay range`.
        Map<String, Long> rejectsByFault() {
            Map<String, Long> counts = new TreeMap<>();
            rejects.forEach(
                    rejected ->
                            counts.merge(
                                    rejected.column() + " " + rejected.fault(), 1L, Long::sum));
            return counts;
        }
    }

    /// A rejected row with its first fault in column order.
    ///
    /// @param row the data row's number, from 1
    /// @param column the column at fault
    /// @param fault `missing`, `unreadable` (does not parse) or `range` (parses, but is not
    ///   allowed)
    /// @param value the text found, empty when missing
    record Rejected(long row, String column, String fault, String value) {}

    /// Computes it.
    ///
    /// @param flights a file that ends in `.csv`, `.csv.gz` or `.parquet`
    /// @throws NoSuchFileException if either file is not there
    static Expected of(Path flights, Path airports) throws IOException, SQLException {
        for (Path file : List.of(flights, airports)) {
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException(
                        file.toString(), null, "the oracle has nothing to read");
            }
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads = 2");
            statement.execute("SET memory_limit = '1GB'");
            statement.execute("SET preserve_insertion_order = true");
            statement.execute(
                    "CREATE TABLE rows AS "
                            + (isParquet(flights) ? parquet(flights) : csv(flights)));
            statement.execute("CREATE TABLE airports AS " + airports(airports));
            statement.execute(JUDGED);
            statement.execute(CLEAN);
            return new Expected(
                    number(statement, "SELECT count(*) FROM rows"),
                    number(statement, "SELECT count(*) FROM judged WHERE fault IS NULL"),
                    number(
                            statement,
                            "SELECT (SELECT count(*) FROM judged WHERE fault IS NULL) - (SELECT"
                                    + " count(*) FROM clean)"),
                    rejects(statement),
                    windows(statement),
                    topTen(statement));
        }
    }

    private static boolean isParquet(Path file) {
        return file.toString().endsWith(".parquet");
    }

    /// All five columns as text, in the form of the CSV.
    private static String parquet(Path file) {
        return """
        SELECT file_row_number + 1 AS row, strftime(date, '%Y-%m-%dT%H:%M') AS date, delay::VARCHAR AS delay,
            distance::VARCHAR AS distance, origin, destination
        FROM read_parquet(\
        """
                + quoted(file)
                + ", file_row_number = true)";
    }

    private static String csv(Path file) {
        return """
        SELECT row_number() OVER () AS row, * FROM read_csv(%s, auto_detect = false, header = true, delim = ',',
            quote = '"', escape = '"', null_padding = true, parallel = false, nullstr = '', columns = {'date': 'VARCHAR',
            'delay': 'VARCHAR', 'distance': 'VARCHAR', 'origin': 'VARCHAR', 'destination': 'VARCHAR'})\
        """
                .formatted(quoted(file));
    }

    private static String airports(Path file) {
        return "SELECT iata, coalesce(city, '') AS city, coalesce(state, '') AS state FROM"
                + " read_csv("
                + quoted(file)
                + ", header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
                + " all_varchar = true)";
    }

    private static String quoted(Path file) {
        return "'" + file.toString().replace("'", "''") + "'";
    }

    /// Each row with its first fault in column order as `column fault`, NULL when it has none.
    private static final String JUDGED =
            """
            CREATE TABLE judged AS SELECT *, CASE
                WHEN coalesce(date, '') = '' THEN 'date missing'
                WHEN NOT regexp_full_match(date, '%1$s') OR try_strptime(date, '%%Y-%%m-%%dT%%H:%%M') IS NULL
                    THEN 'date unreadable'
                WHEN coalesce(delay, '') = '' THEN 'delay missing'
                WHEN NOT regexp_full_match(delay, '%2$s') OR try_cast(delay AS BIGINT) IS NULL THEN 'delay unreadable'
                WHEN try_cast(delay AS BIGINT) NOT BETWEEN -200 AND 1440 THEN 'delay range'
                WHEN coalesce(distance, '') = '' THEN 'distance missing'
                WHEN NOT regexp_full_match(distance, '%2$s') OR try_cast(distance AS BIGINT) IS NULL
                    THEN 'distance unreadable'
                WHEN try_cast(distance AS BIGINT) <= 0 THEN 'distance range'
                WHEN coalesce(origin, '') = '' THEN 'origin missing'
                WHEN NOT regexp_full_match(origin, '%3$s') THEN 'origin range'
                WHEN coalesce(destination, '') = '' THEN 'destination missing'
                WHEN NOT regexp_full_match(destination, '%3$s') THEN 'destination range'
                END AS fault
            FROM rows\
            """
                    .formatted(DATE_PATTERN, NUMBER_PATTERN, CODE_PATTERN);

    /// The accepted rows as values, each once: which of several equal rows is kept makes no
    /// difference.
    private static final String CLEAN =
            """
            CREATE TABLE clean AS SELECT DISTINCT strptime(date, '%Y-%m-%dT%H:%M') AS date, delay::BIGINT AS delay,
                distance::BIGINT AS distance, origin, destination
            FROM judged WHERE fault IS NULL\
            """;

    /// `not_above` is how many flights of the window are not later than this one, itself included.
    private static final String WINDOWS =
            """
            WITH ranked AS (
                SELECT date_trunc('hour', date) AS window_start, origin, delay,
                    count(*) OVER (PARTITION BY date_trunc('hour', date), origin ORDER BY delay
                        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS not_above,
                    count(*) OVER (PARTITION BY date_trunc('hour', date), origin) AS flights
                FROM clean),
            windows AS (
                SELECT window_start, origin, count(*) AS flights, sum(delay)::BIGINT AS delays,
                    min(delay) FILTER (WHERE 100 * not_above >= 95 * flights) AS p95, max(delay) AS longest
                FROM ranked GROUP BY window_start, origin)
            SELECT strftime(window_start, '%Y-%m-%dT%H:%M') AS start, origin, flights, delays, p95, longest,
                coalesce(city, '') AS city, coalesce(state, '') AS state
            FROM windows LEFT JOIN airports ON origin = iata
            ORDER BY window_start, origin\
            """;

    private static List<String> windows(Statement statement) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(WINDOWS)) {
            while (result.next()) {
                long flights = result.getLong("flights");
                lines.add(
                        String.join(
                                ",",
                                result.getString("start"),
                                result.getString("origin"),
                                Long.toString(flights),
                                mean(result.getLong("delays"), flights),
                                Long.toString(result.getLong("p95")),
                                Long.toString(result.getLong("longest")),
                                field(result.getString("city")),
                                field(result.getString("state"))));
            }
        }
        return List.copyOf(lines);
    }

    /// The quotient to three decimals, rounded half up, which for a negative one is away from zero.
    static String mean(long sum, long count) {
        return BigDecimal.valueOf(sum)
                .divide(BigDecimal.valueOf(count), 3, RoundingMode.HALF_UP)
                .toPlainString();
    }

    /// A CSV field after RFC 4180: in quotes only where it needs them.
    static String field(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static List<Rejected> rejects(Statement statement) throws SQLException {
        List<Rejected> rejects = new ArrayList<>();
        try (ResultSet result =
                statement.executeQuery(
                        """
                        SELECT row, split_part(fault, ' ', 1) AS place, split_part(fault, ' ', 2) AS kind,
                            CASE place WHEN 'date' THEN date WHEN 'delay' THEN delay WHEN 'distance' THEN distance
                            WHEN 'origin' THEN origin ELSE destination END AS value
                        FROM judged WHERE fault IS NOT NULL ORDER BY row\
                        """)) {
            while (result.next()) {
                @Nullable String value = result.getString("value");
                rejects.add(
                        new Rejected(
                                result.getLong("row"),
                                result.getString("place"),
                                result.getString("kind"),
                                value == null ? "" : value));
            }
        }
        return List.copyOf(rejects);
    }

    private static List<String> topTen(Statement statement) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (ResultSet result =
                statement.executeQuery(
                        """
                        SELECT origin, count(*) AS flights FROM clean GROUP BY origin
                        ORDER BY flights DESC, origin LIMIT 10\
                        """)) {
            while (result.next()) {
                lines.add(result.getString("origin") + " " + result.getLong("flights"));
            }
        }
        return List.copyOf(lines);
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }
}
