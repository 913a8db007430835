package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.CheckpointProgress;
import io.aquifer.engine.JobStart;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

class CheckpointTextTest {
    private static final Duration TEN = Duration.ofSeconds(10);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | (all input read)",
                "1 | (row 1 of f)",
                "2 | (row 1 of f, row 2 of f)",
                "3 | (row 1 of f, row 2 of f and 1 more split)",
                "5 | (row 1 of f, row 2 of f and 3 more splits)",
            })
    void start_resumed_namesCheckpointPlacesAndWhatIsRedone(int positions, String places) {
        List<String> rows =
                IntStream.rangeClosed(1, positions)
                        .mapToObj(row -> "row " + row + " of f")
                        .toList();
        assertThat(CheckpointText.start(start(JobStart.Kind.RESUMED, 7, rows, TEN)))
                .isEqualTo("resumed from checkpoint 7 " + places + ", 10 s of work redone at most");
    }

    @Test
    void start_resumedFromAnEarlierCheckpointOrAfterAStop_saysWhatThatMeans() {
        List<String> rows = List.of("row 1,203,114 of flights-3m.parquet");
        assertThat(CheckpointText.start(start(JobStart.Kind.RESUMED, 7, rows, TEN, null)))
                .isEqualTo(
                        "resumed from checkpoint 7 (row 1,203,114 of flights-3m.parquet), what was"
                                + " done since is redone");
        assertThat(CheckpointText.start(start(JobStart.Kind.RESUMED, 7, rows, TEN, Duration.ZERO)))
                .isEqualTo(
                        "resumed from checkpoint 7 (row 1,203,114 of flights-3m.parquet), no work"
                                + " redone");
    }

    @Test
    void start_everyOtherBeginning_saysWhatTheDirectoryHeld() {
        assertThat(CheckpointText.start(start(JobStart.Kind.FIRST, 0, List.of(), TEN)))
                .isEqualTo("state in my/state, a checkpoint every 10 s");
        assertThat(
                        CheckpointText.start(
                                start(JobStart.Kind.FIRST, 0, List.of(), Duration.ofMillis(500))))
                .isEqualTo("state in my/state, a checkpoint every 500 ms");
        assertThat(CheckpointText.start(start(JobStart.Kind.FIRST, 0, List.of(), Duration.ZERO)))
                .isEqualTo("state in my/state, a checkpoint at the end only");
        assertThat(CheckpointText.start(start(JobStart.Kind.AFTER_FINISHED, 0, List.of(), TEN)))
                .isEqualTo(
                        "the earlier run in my/state had finished: starting afresh, its output is"
                                + " replaced");
        assertThat(CheckpointText.start(start(JobStart.Kind.BEGUN_AGAIN, 0, List.of(), TEN)))
                .isEqualTo(
                        "the earlier run in my/state was interrupted before its first checkpoint:"
                                + " starting from the beginning");
        assertThat(CheckpointText.start(start(JobStart.Kind.WITHOUT_STATE, 0, List.of(), TEN)))
                .isEmpty();
    }

    @Test
    void live_fromNoneToFailing_isOneLine() {
        assertThat(CheckpointText.live(CheckpointProgress.NONE)).isEqualTo("no checkpoint yet");
        assertThat(CheckpointText.live(progress(0, 0, null, 7)))
                .isEqualTo("resumed from checkpoint 7, none since");
        assertThat(CheckpointText.live(progress(5, 0, null, 12)))
                .isEqualTo("checkpoint 12, 3 s ago, 24.0 MiB in 0.2 s");
        assertThat(CheckpointText.live(progress(5, 2, null, 12)))
                .isEqualTo("checkpoint 12, 3 s ago, 24.0 MiB in 0.2 s, 2 failed");
        assertThat(
                        CheckpointText.live(
                                progress(
                                        5,
                                        2,
                                        "cannot write s/chk-13/a:\n  the disk is full\r\n",
                                        12)))
                .isEqualTo(
                        "checkpoint 12, 3 s ago, 24.0 MiB in 0.2 s, 2 failed: cannot write"
                                + " s/chk-13/a: the disk is full");
        assertThat(CheckpointText.live(progress(0, 1_000, "no space", 0)))
                .isEqualTo("no checkpoint yet, 1,000 failed: no space");
    }

    private static CheckpointProgress progress(
            long completed, long failed, @Nullable String why, long id) {
        return SampleJob.checkpoints(completed, failed, why, id);
    }

    private static JobStart start(
            JobStart.Kind kind, long checkpoint, List<String> positions, Duration interval) {
        return start(kind, checkpoint, positions, interval, interval);
    }

    private static JobStart start(
            JobStart.Kind kind,
            long checkpoint,
            List<String> positions,
            Duration interval,
            @Nullable Duration redone) {
        Path directory = kind == JobStart.Kind.WITHOUT_STATE ? null : Path.of("my/state");
        return new JobStart(kind, directory, checkpoint, positions, 0, interval, redone);
    }
}
