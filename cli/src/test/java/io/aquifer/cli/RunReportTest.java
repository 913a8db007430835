package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobState;
import io.aquifer.engine.OperatorProgress;
import io.aquifer.memory.MemoryStatistics;
import io.aquifer.memory.PageMode;
import io.aquifer.memory.PoolStatistics;
import io.aquifer.memory.Pressure;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

class RunReportTest {
    private final Screen plain =
            new Screen(
                    new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                    0,
                    false);

    @Test
    void lines_finishedJob_showsRowsRejectsCountersAndMemory() {
        assertThat(report(50L << 20).lines(plain))
                .containsExactly(
                        "",
                        "flights  FINISHED in 12.50 s",
                        "rows                      3,000,000   240k rows/s",
                        "rejects                       1,204 (0.04%)",
                        "  bad date                    1,000",
                        "  no delay                      204",
                        "duplicates                       24",
                        "leak  window held 2 pages",
                        "",
                        "memory, MiB              budget    at peak   own peak",
                        "  managed memory          156.0      150.0      155.0",
                        "  unexplained             100.0       50.0       60.0",
                        "process (RSS)             256.0      200.0");
    }

    @Test
    void lines_processLargerThanItsBudget_saysSo() {
        assertThat(report(150L << 20).lines(plain))
                .last()
                .asString()
                .contains("larger than its budget by 44.0 MiB");
    }

    @Test
    void json_finishedJob_hasTheSameFigures() {
        assertThat(JsonText.of(report(50L << 20)))
                .contains(
                        "\"exitCode\" : 0",
                        "\"name\" : \"flights\"",
                        "\"rows\" : 3000000",
                        "\"bad date\" : 1000")
                .contains(
                        "\"peakBytes\" : 209715200",
                        "\"managed\" : {",
                        "\"failure\" : null",
                        "\"seconds\" : 12.5");
    }

    @Test
    void line_runningJob_showsRateRejectsMemoryAndTheBusiestOperator() {
        ProgressText text = new ProgressText(plain, new ProcessMemory(part -> 0), 256 << 20);
        String line = text.line(progress());
        assertThat(line)
                .startsWith(
                        "00:00:12  flights RUNNING  240k rows/s  3.00M rows  rejects 1,204 (0.04%) "
                                + " memory 0 of 256 MiB")
                .contains("pressure LOW")
                .endsWith("slowest window[origin, 1h]  Flights.java:42  busy 93%  state 1.0 MiB");
        assertThat(text.block(progress())).hasSize(4);
    }

    private static RunReport report(long unexplained) {
        JobReport job =
                new JobReport(progress(), JobState.FINISHED, null, List.of("window held 2 pages"));
        List<MemoryRow> rows =
                List.of(
                        new MemoryRow(MemoryPart.MANAGED, 156 << 20, 0, 150 << 20, 155 << 20),
                        new MemoryRow(MemoryPart.SLACK, 100 << 20, 0, unexplained, 60 << 20));
        return new RunReport(List.of(job), rows, 256 << 20, ExitCode.OK);
    }

    private static JobProgress progress() {
        PoolStatistics none = new PoolStatistics("none", 0, 0, 0, 0);
        return new JobProgress(
                "flights",
                JobState.RUNNING,
                Duration.ofMillis(12_500),
                3_000_000,
                1_204,
                Map.of("no delay", 204L, "bad date", 1_000L),
                Map.of("duplicates", 24L),
                0,
                List.of(
                        new OperatorProgress("source", "Flights.java:20", 1, 0, 3_000_000, 0.3, 0),
                        new OperatorProgress(
                                "window[origin, 1h]",
                                "Flights.java:42",
                                2,
                                3_000_000,
                                100,
                                0.93,
                                1 << 20)),
                new MemoryStatistics(
                        0,
                        none,
                        none,
                        none,
                        none,
                        0,
                        0,
                        0,
                        List.of(),
                        PageMode.MAPPED,
                        Pressure.LOW));
    }
}
