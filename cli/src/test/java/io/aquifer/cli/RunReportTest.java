package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobProgress;
import io.aquifer.engine.JobReport;
import io.aquifer.engine.JobStart;
import io.aquifer.engine.JobState;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
        JobProgress progress = SampleJob.progress(CheckpointProgress.NONE, 0);
        JobStart start = SampleJob.start(JobStart.Kind.WITHOUT_STATE);
        String line = text.line(progress, start);
        assertThat(line)
                .startsWith(
                        "00:00:12  flights RUNNING  240k rows/s  3.00M rows  rejects 1,204 (0.04%) "
                                + " memory 0 of 256 MiB")
                .contains("pressure LOW")
                .endsWith("slowest window[origin, 1h]  Flights.java:42  busy 93%  state 1.0 MiB");
        assertThat(text.block(progress, start)).hasSize(4);
    }

    @Test
    void lines_resumedRun_showsTheWholeRunsRowsAndThisProcessesRate() {
        EndedJob job =
                new EndedJob(
                        new JobReport(
                                SampleJob.progress(SampleJob.checkpoints(5, 2, "disk\nfull"), 3),
                                JobState.STOPPED,
                                null,
                                List.of()),
                        SampleJob.start(JobStart.Kind.RESUMED));
        assertThat(report(0, job).lines(plain))
                .startsWith(
                        "",
                        "flights  STOPPED in 12.50 s",
                        "rows                      3,000,000 (1,203,114 before the resume)   144k"
                                + " rows/s")
                .containsSubsequence(
                        "duplicates                       24",
                        "checkpoints                       5   the last is 12, 24.0 MiB in 0.2 s",
                        "  failed                          2   the last: disk full",
                        "restarts                          3",
                        "  the last after: operator 'window' (Flights.java:42): broken",
                        "memory, MiB              budget    at peak   own peak");
        assertThat(job.goingOn())
                .contains(
                        "stopped at checkpoint 12 (row 1,204,204 of flights-3m.parquet). Resume"
                                + " with:");
    }

    @Test
    void json_resumedRun_hasStartCheckpointsAndRestarts() {
        EndedJob job =
                new EndedJob(
                        new JobReport(
                                SampleJob.progress(SampleJob.checkpoints(5, 2, "disk full"), 3),
                                JobState.STOPPED,
                                null,
                                List.of()),
                        SampleJob.start(JobStart.Kind.RESUMED));
        assertThat(JsonText.of(report(0, job)).replaceAll("\\s+", " "))
                .contains(
                        "\"start\" : { \"kind\" : \"RESUMED\", \"stateDirectory\" : \"my/state\","
                            + " \"checkpoint\" : 7, \"positions\" : [ \"row 1,203,114 of"
                            + " flights-3m.parquet\" ], \"sourceRecords\" : 1203114, \"interval\" :"
                            + " 10.0, \"redone\" : 10.0 }",
                        "\"checkpoints\" : { \"completed\" : 5, \"failed\" : 2, \"lastFailure\" :"
                            + " \"disk full\", \"lastId\" : 12, \"lastBytes\" : 25165824,"
                            + " \"lastPositions\" : [ \"row 1,204,204 of flights-3m.parquet\" ],"
                            + " \"lastSourceRecords\" : 1203000, \"lastTook\" : 0.21, \"sinceLast\""
                            + " : 3.4 }",
                        "\"restarts\" : 3");
        assertThat(JsonText.of(report(0)).replaceAll("\\s+", " "))
                .contains(
                        "\"kind\" : \"WITHOUT_STATE\", \"stateDirectory\" : null",
                        "\"lastFailure\" : null",
                        "\"restarts\" : 0");
    }

    @Test
    void goingOn_perEnding_saysWhatThereIsToGoOnFrom() {
        assertThat(goingOn(JobState.FAILED, JobStart.Kind.FIRST, 12))
                .contains(
                        "checkpoint 12 is complete. When the cause is corrected, go on from it"
                                + " with:");
        assertThat(goingOn(JobState.FAILED, JobStart.Kind.FIRST, 0)).isEmpty();
        assertThat(goingOn(JobState.FAILED, JobStart.Kind.WITHOUT_STATE, 0)).isEmpty();
        assertThat(goingOn(JobState.FINISHED, JobStart.Kind.FIRST, 12)).isEmpty();
        assertThat(goingOn(JobState.CANCELED, JobStart.Kind.FIRST, 12)).isEmpty();
    }

    private static Optional<String> goingOn(JobState state, JobStart.Kind kind, long checkpoint) {
        JobProgress last = SampleJob.progress(SampleJob.checkpoints(1, 0, null, checkpoint), 0);
        Throwable failure = state == JobState.FAILED ? new IllegalStateException() : null;
        return new EndedJob(new JobReport(last, state, failure, List.of()), SampleJob.start(kind))
                .goingOn();
    }

    /// From the first look on, so that nothing jumps: before the first checkpoint, while they fail.
    @Test
    void block_withState_hasAlwaysOneLineForCheckpoints() {
        ProgressText text = new ProgressText(plain, new ProcessMemory(part -> 0), 256 << 20);
        JobStart start = SampleJob.start(JobStart.Kind.FIRST);
        assertThat(text.block(SampleJob.progress(CheckpointProgress.NONE, 0), start))
                .hasSize(5)
                .element(2)
                .isEqualTo(" state   no checkpoint yet");
        JobProgress failing = SampleJob.progress(SampleJob.checkpoints(5, 2, "disk\nfull"), 2);
        assertThat(text.block(failing, start))
                .hasSize(5)
                .startsWith("flights  RUNNING after 2 restarts 00:00:12")
                .element(2)
                .isEqualTo(
                        " state   checkpoint 12, 3 s ago, 24.0 MiB in 0.2 s, 2 failed: disk full");
        assertThat(text.line(failing, start))
                .contains(
                        "rows  rejects 1,204 (0.04%)  checkpoint 12, 3 s ago, 24.0 MiB in 0.2 s, 2"
                                + " failed: disk full  memory ");
    }

    /// What was read before the resume was not read in the first quarter of a second.
    @Test
    void block_resumedAndRestarted_hasTheRateOfThisProcess() {
        ProgressText text = new ProgressText(plain, new ProcessMemory(part -> 0), 256 << 20);
        JobStart start = SampleJob.start(JobStart.Kind.RESUMED);
        JobProgress first = SampleJob.progress(CheckpointProgress.NONE, 0);
        assertThat(text.block(first, start)).element(1).asString().contains(" 144k rows/s  3.00M");
        JobProgress back = SampleJob.progress(1_203_114, Duration.ofSeconds(13));
        assertThat(text.block(back, start)).element(1).asString().doesNotContain("-");
    }

    private static RunReport report(long unexplained) {
        return report(
                unexplained,
                new EndedJob(
                        new JobReport(
                                SampleJob.progress(CheckpointProgress.NONE, 0),
                                JobState.FINISHED,
                                null,
                                List.of("window held 2 pages")),
                        SampleJob.start(JobStart.Kind.WITHOUT_STATE)));
    }

    private static RunReport report(long unexplained, EndedJob job) {
        List<MemoryRow> rows =
                List.of(
                        new MemoryRow(MemoryPart.MANAGED, 156 << 20, 0, 150 << 20, 155 << 20),
                        new MemoryRow(MemoryPart.SLACK, 100 << 20, 0, unexplained, 60 << 20));
        return new RunReport(List.of(job), rows, 256 << 20, ExitCode.OK);
    }
}
