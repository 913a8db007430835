package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.cli.CheckpointsOnDisk.Checkpoint;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Ctrl-C and SIGTERM in the middle of a run with a state directory.
///
/// Goal: the first stops in order and prints a command that goes on, the second exits at once;
/// after either the finished output is byte for byte the uninterrupted one.
class LauncherSignalTest {
    private static final String FILE = "flights-200k.csv.gz";

    @TempDir Path folder;
    @TempDir static Path wholeFolder;
    private static FlightsJob.@Nullable Result expected;

    private FlightsJob job = new FlightsJob(FILE, Path.of("out"), Path.of("state"), 0, "");

    @BeforeAll
    static void uninterrupted() throws Exception {
        expected = FlightsJob.uninterrupted(FILE, wholeFolder.resolve("whole"));
    }

    @BeforeEach
    void chooseDirectories() {
        // The printed command has to quote them.
        job =
                new FlightsJob(
                        FILE,
                        folder.resolve("the out$put"),
                        folder.resolve("the 'state'"),
                        50_000,
                        "50ms");
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void signal_inTheMiddle_stopsAndPrintsTheCommandThatGoesOn(String signal, int code)
            throws Exception {
        CheckpointsOnDisk disk = job.checkpoints();
        String command;
        long rows;
        try (Launched process = job.start(2)) {
            process.await("a checkpoint", () -> disk.highest() > 1);
            process.signal(signal);

            assertThat(process.end()).as("%s", process).isEqualTo(code);
            process.awaitErr("aquifer: stopping with a last checkpoint; once more exits at once");
            MatchResult stopped =
                    process.awaitErr(
                            "aquifer: stopped at checkpoint (\\d+) \\((.*)\\)\\. Resume with:");
            command = process.err().lines().toList().getLast().strip();
            Checkpoint newest = disk.newest().orElseThrow();
            rows = newest.records();
            assertThat(newest.kind()).isEqualTo("STOP");
            assertThat(newest.id()).isEqualTo(Long.parseLong(stopped.group(1)));
            assertThat(disk.isFinished()).isFalse();
            // Stopped means that no row was read after the checkpoint.
            assertThat(process.out())
                    .containsPattern("flights  STOPPED in ")
                    .containsPattern("rows +%,d   ".formatted(rows));
        }
        try (Launched process = Launched.startLine(command)) {
            process.awaitOut(
                    "resumed from checkpoint \\d+ \\(row [\\d,]+ of "
                            + Pattern.quote(FILE)
                            + "\\), no work redone");
            job.assertFinished(process, rows, expected());
        }
    }

    /// An operator that waits for somebody to write its airports can neither start nor stop.
    @ParameterizedTest
    @CsvSource({"INT, INT, 130", "TERM, TERM, 143", "INT, TERM, 143"})
    void signal_twice_exitsAtOnceAndKeepsTheLastCheckpoint(String first, String second, int code)
            throws Exception {
        CheckpointsOnDisk disk = job.checkpoints();
        Path airports = folder.resolve("airports.csv");
        String[] own = {"--", "--airports", airports.toString()};
        Files.copy(FlightsJob.data("airports.csv"), airports);
        try (Launched process = job.start(2, own)) {
            process.await("a checkpoint", () -> disk.highest() > 1);
            process.kill();
        }
        Checkpoint newest = disk.newest().orElseThrow();
        Files.delete(airports);
        assertThat(new ProcessBuilder("mkfifo", airports.toString()).start().waitFor()).isZero();
        try (Launched process = job.start(2, own)) {
            process.awaitOut("resumed from checkpoint " + newest.id() + " .*");
            process.signal(first);
            process.awaitErr("aquifer: stopping with a last checkpoint; once more exits at once");
            assertThat(process.isAlive()).isTrue();
            process.signal(second);

            assertThat(process.end()).as("%s", process).isEqualTo(code);
            assertThat(process.err()).doesNotContain("cancelling");
            assertThat(disk.newest()).contains(newest);
        }
        Files.delete(airports);
        Files.copy(FlightsJob.data("airports.csv"), airports);
        try (Launched process = job.atFullRate().start(3, own)) {
            process.awaitOut("resumed from checkpoint " + newest.id() + " .*");
            job.assertFinished(process, newest.records(), expected());
        }
    }

    /// The second may come before anything was done about the first.
    @Test
    void signal_twoAtTheSameMoment_exitsWithOneOfThemAndCanBeResumed() throws Exception {
        CheckpointsOnDisk disk = job.checkpoints();
        try (Launched process = job.start(2)) {
            process.await("a checkpoint", () -> disk.highest() > 1);
            process.signal("STOP");
            process.signal("INT");
            process.signal("TERM");
            process.signal("CONT");
            assertThat(process.end()).as("%s", process).isIn(130, 143);
        }
        Checkpoint newest = disk.newest().orElseThrow();
        try (Launched process = job.atFullRate().start(1)) {
            process.awaitOut("resumed from checkpoint " + newest.id() + " .*");
            job.assertFinished(process, newest.records(), expected());
        }
    }

    private static FlightsJob.Result expected() {
        FlightsJob.Result result = expected;
        if (result == null) {
            throw new IllegalStateException("the uninterrupted run failed");
        }
        return result;
    }
}
