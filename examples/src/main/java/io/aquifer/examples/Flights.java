package io.aquifer.examples;

import io.aquifer.api.DataStream;
import io.aquifer.api.DataStreamSource;
import io.aquifer.api.JobExecutionResult;
import io.aquifer.api.StreamExecutionEnvironment;
import io.aquifer.api.connector.Reject;
import io.aquifer.api.connector.Source;
import io.aquifer.api.eventtime.WatermarkStrategy;
import io.aquifer.api.windowing.TumblingEventTimeWindows;
import io.aquifer.connectors.files.FileSink;
import io.aquifer.connectors.files.FileSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/// Cleans, enriches and analyses US flights: what each airport's departures were like, hour by
/// hour, and which airports have the most of them.
///
/// ```
/// flights -> clean -> drop duplicates -> one-hour windows by origin -> add city and state -> windows-*.csv
///              |                                                  \-> ten busiest airports -> printed
///              \-> rejects-*.csv
/// ```
///
/// Options: `--input FILE|DIR`, `--airports FILE`, `--output DIR`, `--rate ROWS_PER_SECOND`.
public final class Flights {
    /// Rows are in order of departure; this much disorder is tolerated all the same.
    private static final Duration DISORDER = Duration.ofHours(1);

    private Flights() {}

    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.parse(args, List.of("input", "airports", "output", "rate"));
        run(
                StreamExecutionEnvironment.getExecutionEnvironment(),
                arguments.path("input", Arguments.data("flights-200k.csv.gz")),
                arguments.path("airports", Arguments.data("airports.csv")),
                arguments.path("output", Path.of("out")),
                arguments.count("rate"));
    }

    /// @param rate rows a second to read at most, 0 for no limit
    static JobExecutionResult run(
            StreamExecutionEnvironment env, Path input, Path airports, Path output, long rate)
            throws Exception {
        Source<Flight> cleaned =
                FileSource.of(Flight.class, input)
                        .check("delay", Flight::isPlausibleDelay, "not from -200 to 1440 minutes")
                        .check("distance", miles -> miles > 0, "not above 0 miles")
                        .checkText("origin", Flight::isAirportCode, "not three letters or digits")
                        .checkText(
                                "destination",
                                Flight::isAirportCode,
                                "not three letters or digits");
        DataStreamSource<Flight> flights =
                env.fromSource(
                        rate == 0 ? cleaned : cleaned.atRate(rate),
                        WatermarkStrategy.<Flight>forBoundedOutOfOrderness(DISORDER)
                                .withTimestampAssigner((flight, time) -> flight.eventTime()),
                        input.getFileName().toString());

        flights.rejects().sinkTo(FileSink.csv(output, "rejects", Reject.class)).name("rejects");

        DataStream<WindowRow> windows =
                flights.keyBy(Flight::date)
                        .process(new DropDuplicates())
                        .name("drop duplicates")
                        .keyBy(Flight::origin)
                        .window(TumblingEventTimeWindows.of(Duration.ofHours(1)))
                        .aggregate(new CollectDelays(), new DescribeWindow())
                        .name("hours by origin")
                        .map(new AddCity(airports.toString()))
                        .name("add city");

        windows.sinkTo(
                        FileSink.csv(output, "windows", WindowRow.class)
                                .inOrder(Comparator.comparing(WindowRow::origin)))
                .name("windows");

        windows.keyBy(row -> "all airports")
                .process(new BusiestAirports(airports.toString()))
                .name("busiest airports")
                .setParallelism(1)
                .print()
                .setParallelism(1);

        return env.execute("flights");
    }
}
