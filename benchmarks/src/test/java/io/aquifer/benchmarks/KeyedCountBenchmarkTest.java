package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The benchmark's own machinery, with real forks of the smallest engine.
class KeyedCountBenchmarkTest {
    private static final String CLASSES = Path.of("target", "classes").toAbsolutePath().toString();

    @TempDir Path directory;

    @Test
    void run_smallEngine_writesOneReadableLineARoundAndATable() throws Exception {
        Path results = directory.resolve("new").resolve("rounds.jsonl");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<Round> rounds =
                benchmark(
                                printed,
                                "--quick",
                                "--engines",
                                "array",
                                "--rounds",
                                "2",
                                "--records",
                                "1000000",
                                "--keys",
                                "1000",
                                "--parallelism",
                                "1,2",
                                "--results",
                                results.toString(),
                                "--class-path",
                                "aquifer=" + CLASSES)
                        .run();

        assertThat(rounds).hasSize(4);
        assertThat(rounds)
                .allSatisfy(round -> assertThat(round.value("recordsPerSecond")).isPositive());
        List<String> lines = Files.readAllLines(results);
        assertThat(lines).hasSize(4);
        for (String line : lines) {
            assertThat(fieldsOf(line))
                    .contains(
                            "date",
                            "commit",
                            "engine",
                            "recordsPerSecond",
                            "peakRssBytes",
                            "machine",
                            "cpu",
                            "jdk");
            assertThat(line).contains("\"date\":\"2001-02-03T04:05:06Z\"");
        }
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("array")
                .contains("M rec/s median");
    }

    @Test
    void run_engineThatDies_showsWhatItPrintedAndHowItWasStarted() {
        assertThatThrownBy(
                        () ->
                                benchmark(
                                                new ByteArrayOutputStream(),
                                                "--engines",
                                                "array",
                                                "--results",
                                                directory.resolve("rounds.jsonl").toString(),
                                                "--class-path",
                                                "aquifer=" + directory)
                                        .run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("engine 'array' ended with code 1 and 0 result lines")
                .hasMessageContaining("records=30000000")
                .hasMessageContaining("KeyedCountArray");
    }

    @Test
    void run_withoutTheEnginesClassPath_saysWhichOptionIsMissing() {
        assertThatThrownBy(
                        () -> benchmark(new ByteArrayOutputStream(), "--engines", "flink-g1").run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("engine 'flink-g1' needs --class-path flink=...; given are []");
    }

    @Test
    void parse_badOptions_areNamed() {
        assertThatThrownBy(() -> KeyedCountOptions.parse(List.of("--engines", "storm")))
                .hasMessage(
                        "there is no engine 'storm'; there are [aquifer, aquifer-checkpoints,"
                                + " flink-parallel, flink-g1, array]");
        assertThatThrownBy(() -> KeyedCountOptions.parse(List.of("--rounds", "0")))
                .hasMessage("--rounds needs a whole number of at least 1, not '0'");
        assertThatThrownBy(() -> KeyedCountOptions.parse(List.of("--slow", "x")))
                .hasMessage("'--slow' is no option");
        assertThatThrownBy(() -> KeyedCountOptions.parse(List.of("--rounds")))
                .hasMessage("'--rounds' is no option, or its value is missing");
    }

    @Test
    void table_severalRounds_showsMedianExtremesAndTheRatioToTheBetterPeer() {
        List<Round> rounds = new ArrayList<>();
        long[] ours = {12_000_000, 10_000_000, 30_000_000};
        long[] parallel = {2_000_000, 1_000_000, 3_000_000};
        long[] g1 = {1_500_000, 1_000_000, 9_000_000};
        for (int i = 0; i < 3; i++) {
            rounds.add(round("aquifer", i + 1, ours[i]));
            rounds.add(round("flink-parallel", i + 1, parallel[i]));
            rounds.add(round("flink-g1", i + 1, g1[i]));
        }
        String table = RoundTable.of(rounds);
        assertThat(table).contains("12.00 ( 10.00 -  30.00)").contains("2.00 (  1.00 -   3.00)");
        assertThat(table)
                .contains(
                        "parallelism 1: aquifer does 6.00 times the records per second of"
                                + " flink-parallel");
        assertThat(RoundTable.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    }

    @Test
    void jsonLine_textWithQuotesAndControls_isReadBack() throws IOException {
        String text = "a\"b\\c\nd\te\u0001 \u20ac";
        try (JsonParser parser = new JsonFactory().createParser(JsonLine.of(Map.of("x", text)))) {
            parser.nextToken();
            parser.nextToken();
            assertThat(parser.nextToken()).isEqualTo(JsonToken.VALUE_STRING);
            assertThat(parser.getText()).isEqualTo(text);
        }
        assertThatThrownBy(() -> JsonLine.of(Map.of("x", Double.NaN)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Round round(String engine, int round, double rate) {
        return new Round(
                engine,
                1,
                round,
                Map.of(
                        "recordsPerSecond",
                        rate,
                        "measuredRecords",
                        20e6,
                        "cpuSeconds",
                        10.0,
                        "peakRssBytes",
                        1e9,
                        "gcMillis",
                        5.0,
                        "longestGcPauseMillis",
                        3.0));
    }

    private static KeyedCountBenchmark benchmark(
            ByteArrayOutputStream printed, String... arguments) {
        return new KeyedCountBenchmark(
                KeyedCountOptions.parse(List.of(arguments)),
                Clock.fixed(Instant.parse("2001-02-03T04:05:06Z"), ZoneOffset.UTC),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private static List<String> fieldsOf(String json) throws IOException {
        List<String> fields = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.FIELD_NAME) {
                    fields.add(parser.currentName());
                }
            }
        }
        return fields;
    }
}
