package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition.Status;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.engine.checkpoint.StateReport;
import io.aquifer.engine.checkpoint.StateReport.CheckpointReport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// `aquifer state` over reports made here; reading directories is the engine's and tested there.
class StateCommandTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private String refusal = "";
    @TempDir Path directory;

    @Test
    void call_interruptedRun_showsCheckpointsAndTheNewestInFull() {
        CheckpointReport newest = whole(12, Duration.ofSeconds(3), 3_000_000, sourceAndWindow());
        CheckpointReport older = whole(11, Duration.ofMinutes(130), 1_203_114, List.of());
        assertThat(run(report(null, false, newest, older))).isZero();
        assertThat(lines())
                .containsExactly(
                        "state of job 'flights' in my/state",
                        "run 7f3a: it was interrupted; the next start goes on from checkpoint 12",
                        "",
                        "checkpoint         age  kind          size  files   took  rows read",
                        "        12         3 s  periodic  24.0 MiB      3  0.2 s  3,000,000",
                        "        11  2 h 10 min  periodic  24.0 MiB      3  0.2 s  1,203,114",
                        "",
                        "checkpoint 12",
                        "operator  type          parallelism     state  files  watermark",
                        "flights   Source           1 of 128     100 B      1"
                                + "  2008-01-03T20:15:00Z",
                        "window    KeyedProcess     2 of 128  24.0 MiB      2  none yet",
                        "csv       Sink file        1 of 128       0 B      0  end of input",
                        "flights: 3 splits, 1 read, 1 begun, 1 not begun; goes on at",
                        "  row 1,203,114 of flights-3m.parquet",
                        "csv: 2 of its results in this checkpoint",
                        "  out/part-0.csv",
                        "  out/part-1.csv");
    }

    @Test
    void call_anotherCheckpoint_showsThatOne() {
        CheckpointReport newest = whole(12, Duration.ofSeconds(3), 9, List.of());
        CheckpointReport older = whole(11, Duration.ofSeconds(13), 8, sourceAndWindow());
        assertThat(run(report(null, false, newest, older), "--checkpoint", "11")).isZero();
        assertThat(lines()).contains("checkpoint 11").doesNotContain("checkpoint 12");
        assertThat(run(report(null, false, newest, older), "--checkpoint", "9")).isEqualTo(7);
        assertThat(refusal).isEqualTo("there is no checkpoint 9 in 'my/state'; there are 12, 11.");
    }

    @Test
    void call_damagedNewest_namesFileAndPlaceAndOffersTheOneBefore() {
        CheckpointReport damaged =
                new CheckpointReport(
                        12,
                        24 << 20,
                        3,
                        null,
                        List.of(),
                        List.of(
                                "chk-12/manifest at byte 17: expected 3, found 4",
                                "chk-12/window-1 is missing"));
        CheckpointReport cut =
                new CheckpointReport(
                        11,
                        100,
                        1,
                        manifest(11, NOW.minusSeconds(13), 8, List.of()),
                        List.of(),
                        List.of("chk-11/window-0 at byte 1,048,576: the file ends"));
        CheckpointReport older = whole(10, Duration.ofSeconds(23), 7, List.of());
        assertThat(run(report(null, false, damaged, cut, older))).isEqualTo(7);
        assertThat(lines())
                .contains(
                        "run 7f3a: it was interrupted; its last checkpoint, 12, is damaged",
                        "checkpoint   age  kind          size  files   took  rows read",
                        "        12     -  -         24.0 MiB      3      -          -  damaged",
                        "        11  13 s  periodic     100 B      1  0.2 s          8  damaged",
                        "        10  23 s  periodic  24.0 MiB      3  0.2 s          7")
                .endsWith(
                        "checkpoint 12 is damaged:",
                        "  chk-12/manifest at byte 17: expected 3, found 4",
                        "  chk-12/window-1 is missing",
                        "checkpoint 11 is damaged:",
                        "  chk-11/window-0 at byte 1,048,576: the file ends",
                        "go on from checkpoint 10 with --from-checkpoint 10");
    }

    @Test
    void call_nothingWhole_saysToStartAgain() {
        CheckpointReport damaged = new CheckpointReport(1, 0, 0, null, List.of(), List.of());
        StateReport report =
                new StateReport(
                        Path.of("my/state"),
                        "flights",
                        "7f3a",
                        false,
                        null,
                        List.of(damaged),
                        List.of("run.json at byte 3: not JSON"));
        assertThat(run(report)).isEqualTo(7);
        assertThat(lines())
                .endsWith(
                        "the directory is damaged:",
                        "  run.json at byte 3: not JSON",
                        "checkpoint 1 is damaged:",
                        "  its manifest cannot be read",
                        "No checkpoint is whole: start the job from the beginning with another"
                                + " directory (--state).");
    }

    @Test
    void call_damagedRunFile_saysThatTheJobIsUnknown() {
        StateReport report =
                new StateReport(
                        Path.of("my/state"),
                        "",
                        "",
                        false,
                        null,
                        List.of(),
                        List.of("run at byte 3: expected a name"));
        assertThat(run(report)).isEqualTo(7);
        assertThat(lines())
                .containsExactly(
                        "state of an unknown job in my/state",
                        "run: what it was is lost",
                        "",
                        "the directory is damaged:",
                        "  run at byte 3: expected a name");
    }

    /// The newest is whole, so the next start needs nothing; the exit code tells of the other.
    @Test
    void call_damagedOlder_offersNothing() {
        CheckpointReport newest = whole(12, Duration.ofSeconds(3), 9, List.of());
        CheckpointReport damaged =
                new CheckpointReport(
                        11, 0, 0, null, List.of(), List.of("chk-11/manifest is missing"));
        assertThat(run(report(null, false, newest, damaged))).isEqualTo(7);
        assertThat(lines()).endsWith("checkpoint 11 is damaged:", "  chk-11/manifest is missing");
    }

    @Test
    void call_everyCondition_saysWhatTheNextStartDoes() {
        CheckpointReport one = whole(1, Duration.ofSeconds(3), 9, List.of());
        run(report("4711", false, one));
        assertThat(lines()).contains("run 7f3a: it is under way; process 4711 holds the directory");
        run(report("unknown", false, one));
        assertThat(lines())
                .contains("run 7f3a: it is under way; another process holds the directory");
        run(report(null, true, one));
        assertThat(lines())
                .contains(
                        "run 7f3a: it has finished; the next start begins afresh and replaces its"
                                + " output");
        assertThat(run(report(null, false))).isZero();
        assertThat(lines())
                .endsWith(
                        "run 7f3a: it was interrupted before its first checkpoint; the next start"
                                + " begins it again");
    }

    @Test
    void age_clockSetBack_isNoughtOrSaidToLieAhead() {
        assertThat(age(Duration.ofMillis(-900))).isEqualTo("0 s");
        assertThat(age(Duration.ZERO)).isEqualTo("0 s");
        assertThat(age(Duration.ofMinutes(-5)))
                .isEqualTo("in the future by 5 min (was the clock set back?)");
        assertThat(age(Duration.ofSeconds(59))).isEqualTo("59 s");
        assertThat(age(Duration.ofDays(400))).isEqualTo("400 d");
    }

    @Test
    void call_manySplits_areCutInTextAndNotInJson() {
        List<SplitPosition> splits = new ArrayList<>();
        for (int split = 0; split < 25; split++) {
            splits.add(
                    new SplitPosition("s" + split, 0, 9, 4, Status.STARTED, "row 4 of " + split));
        }
        OperatorState source =
                new OperatorState("0", "logs", "Source", 1, 128, 0, splits, List.of(), List.of());
        StateReport report =
                report(null, false, whole(1, Duration.ofSeconds(3), 9, List.of(source)));
        run(report);
        assertThat(lines())
                .contains("logs: 25 splits, 0 read, 25 begun, 0 not begun; goes on at")
                .endsWith("  row 4 of 9", "  and 15 more (--json has all of them)");
        run(report, "--json");
        assertThat(text()).contains("\"row 4 of 24\"");
    }

    @Test
    void call_json_hasEverythingTheManifestHolds() {
        CheckpointReport newest = whole(12, Duration.ofSeconds(3), 3_000_000, sourceAndWindow());
        CheckpointReport damaged =
                new CheckpointReport(
                        11, 5, 1, null, List.of(), List.of("chk-11/manifest is missing"));
        assertThat(run(report("4711", false, newest, damaged), "--json")).isEqualTo(7);
        assertThat(text().replaceAll("\\s+", " "))
                .startsWith(
                        "{ \"directory\" : \"my/state\", \"job\" : \"flights\", \"run\" : \"7f3a\","
                            + " \"finished\" : false, \"heldBy\" : \"4711\", \"whole\" : false,"
                            + " \"newestWhole\" : 12, \"problems\" : [ ], \"checkpoints\" : [ {"
                            + " \"id\" : 12, \"bytes\" : 25165824, \"files\" : 3, \"whole\" : true,"
                            + " \"problems\" : [ ], \"states\" : [ ], \"manifest\" : { \"run\" :"
                            + " \"7f3a\", \"kind\" : \"PERIODIC\", \"started\" :"
                            + " \"2026-11-23T11:59:56.800Z\", \"took\" : 0.2, \"rows\" : 3000000,"
                            + " \"rejectsByReason\" : { \"bad date\" : 4 }, \"counters\" : {"
                            + " \"duplicates\" : 2 }, \"operators\" : [")
                .contains(
                        "\"splits\" : [ { \"id\" : \"a\", \"start\" : 0, \"end\" : 10, \"position\""
                                + " : 10, \"status\" : \"DONE\", \"description\" : \"all of a\" }",
                        "\"files\" : [ { \"path\" : \"chk-12/window-0\", \"subtask\" : 0,",
                        "\"committables\" : [ \"out/part-0.csv\", \"out/part-1.csv\" ]",
                        "\"problems\" : [ \"chk-11/manifest is missing\" ], \"states\" : [ ],"
                                + " \"manifest\" : null");
    }

    @Test
    void call_noSuchDirectory_saysWhereItLooked() {
        Path missing = directory.resolve("none");
        assertThat(run(missing, path -> report(null, false))).isEqualTo(7);
        assertThat(refusal)
                .isEqualTo(
                        "there is no directory '"
                                + missing
                                + "' (looked for "
                                + missing
                                + ").\nGive the one that --state named, or the job's state path.");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void call_file_saysThatItIsOne() throws Exception {
        Path file = Files.writeString(directory.resolve("state"), "");
        assertThat(run(file, path -> report(null, false))).isEqualTo(7);
        assertThat(refusal)
                .startsWith("'" + file + "' is a file, and a state directory is a directory.");
    }

    @Test
    void call_directoryTheEngineRefuses_hasItsMessage() {
        assertThat(
                        run(
                                directory,
                                path -> {
                                    throw new StateDirectoryException(
                                            "'" + path + "' is no state directory.", null);
                                }))
                .isEqualTo(7);
        assertThat(refusal).isEqualTo("'" + directory + "' is no state directory.");
    }

    private int run(StateReport report, String... options) {
        return run(directory, path -> report, options);
    }

    /// As [Main] runs it, with its way to tell of a refusal.
    private int run(Path path, Function<Path, StateReport> reader, String... options) {
        out.reset();
        refusal = "";
        Surroundings surroundings =
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(OutputStream.nullOutputStream()),
                        Map.of(),
                        "aquifer",
                        Path.of("."),
                        Path.of("target"));
        StateCommand command =
                new StateCommand(
                        surroundings,
                        new StateCommand.Reader(reader, reader),
                        InstantSource.fixed(NOW));
        List<String> words = new ArrayList<>(List.of(path.toString()));
        words.addAll(List.of(options));
        CommandLine.populateCommand(command, words.toArray(String[]::new));
        try {
            return command.call();
        } catch (CommandException refused) {
            refusal = String.valueOf(refused.getMessage());
            return refused.exitCode().code;
        }
    }

    private static String age(Duration age) {
        return StateText.age(manifest(1, NOW.minus(age), 0, List.of()), NOW);
    }

    private static StateReport report(
            @Nullable String heldBy, boolean finished, CheckpointReport... checkpoints) {
        return new StateReport(
                Path.of("my/state"),
                "flights",
                "7f3a",
                finished,
                heldBy,
                List.of(checkpoints),
                List.of());
    }

    private static CheckpointReport whole(
            long id, Duration age, long rows, List<OperatorState> operators) {
        return new CheckpointReport(
                id,
                24 << 20,
                3,
                manifest(id, NOW.minus(age), rows, operators),
                List.of(),
                List.of());
    }

    private static CheckpointManifest manifest(
            long id, Instant complete, long rows, List<OperatorState> operators) {
        Duration took = Duration.ofMillis(200);
        return new CheckpointManifest(
                id,
                "7f3a",
                "flights",
                Kind.PERIODIC,
                complete.minus(took),
                took,
                Duration.ofSeconds(10),
                rows,
                Map.of("bad date", 4L),
                Map.of("duplicates", 2L),
                operators);
    }

    private static List<OperatorState> sourceAndWindow() {
        return List.of(
                new OperatorState(
                        "0",
                        "flights",
                        "Source",
                        1,
                        128,
                        Instant.parse("2008-01-03T20:15:00Z").toEpochMilli(),
                        List.of(
                                new SplitPosition("a", 0, 10, 10, Status.DONE, "all of a"),
                                new SplitPosition(
                                        "b",
                                        0,
                                        10,
                                        4,
                                        Status.STARTED,
                                        "row 1,203,114 of flights-3m.parquet"),
                                new SplitPosition("c", 0, 10, 0, Status.WAITING, "start of c")),
                        List.of(new StateFile("chk-12/flights-0", 0, 100)),
                        List.of()),
                new OperatorState(
                        "1",
                        "window",
                        "KeyedProcess",
                        2,
                        128,
                        Long.MIN_VALUE,
                        List.of(),
                        List.of(
                                new StateFile("chk-12/window-0", 0, 12 << 20),
                                new StateFile("chk-12/window-1", 1, 12 << 20)),
                        List.of()),
                new OperatorState(
                        "2",
                        "csv",
                        "Sink file",
                        1,
                        128,
                        Long.MAX_VALUE,
                        List.of(),
                        List.of(),
                        List.of("out/part-0.csv", "out/part-1.csv")));
    }

    private List<String> lines() {
        return text().lines().toList();
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
