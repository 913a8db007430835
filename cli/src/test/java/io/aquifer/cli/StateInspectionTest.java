package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.api.types.TypeInformation;
import io.aquifer.engine.checkpoint.StateReport;
import io.aquifer.state.file.StateSection.Kind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// `aquifer state` over directories on the disk: what it shows, dumps, verifies and compares, and
/// what it says of directories that it cannot read.
class StateInspectionTest {
    private static final TypeInformation<Long> LONG = TypeInformation.of(Long.class);
    private static final TypeInformation<Point> POINT = TypeInformation.of(Point.class);

    record Point(int x, int y) {}

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir Path temp;

    private Path directory() {
        return temp.resolve("state");
    }

    /// Runs the command as the user does, words after `state DIR`.
    private int run(String... words) {
        return runIn(directory(), words);
    }

    private int runIn(Path path, String... words) {
        out.reset();
        err.reset();
        Surroundings surroundings =
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        "aquifer",
                        Path.of("."),
                        Path.of("target"));
        Stream<String> line = Stream.of("state", path.toString());
        return Main.run(
                surroundings, Stream.concat(line, Arrays.stream(words)).toArray(String[]::new));
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String message() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /// The states of one subtask: its keys begin with its number.
    private static void everyKind(StateSamples.Sections out, int subtask) throws IOException {
        String a = subtask + "-ann";
        String b = subtask + "-bob";
        out.begin(Kind.VALUE, "total", LONG);
        out.entry(a, LONG, 10L + subtask);
        out.entry(b, LONG, 20L + subtask);
        out.begin(Kind.LIST, "trace", POINT);
        out.entry(a, POINT, new Point(1, 2));
        out.entry(a, POINT, new Point(3, 4));
        out.entry(b, POINT, new Point(5, 6));
        out.begin(Kind.MAP, "seen", 0, "java.lang.String", "java.lang.Long");
        out.mapEntry(a, "x,\"y\"", 7);
        out.mapEntry(a, "z", 8);
        out.begin(Kind.WINDOW_VALUE, "window", 1_000, "", "java.lang.Long");
        out.entry(a, LONG, 1L);
        out.begin(Kind.WINDOW_VALUE, "window", 2_000, "", "java.lang.Long");
        out.entry(a, LONG, 2L);
        out.begin(Kind.EVENT_TIMERS, "timers", 0, "", "");
        out.timer(a, 5_000);
        out.begin(Kind.PROCESSING_TIMERS, "timers", 0, "", "");
        out.begin(Kind.OPERATOR, "operator", 0, "", "");
        out.entry(new byte[0], new byte[] {1, 2, (byte) subtask});
        out.begin(Kind.VALUE, "money", 0, "", "app.Money");
        out.entry(StateSamples.Sections.bytes(a), new byte[] {(byte) 0xca, (byte) 0xfe});
    }

    private void makeEveryKind() throws IOException {
        try (StateSamples samples = new StateSamples(directory())) {
            samples.checkpoint(StateInspectionTest::everyKind);
        }
    }

    @Test
    void list_showsTheStatesOfTheCheckpoint() throws IOException {
        makeEveryKind();
        assertThat(run()).isZero();
        assertThat(lines().subList(6, lines().size()))
                .containsExactly(
                        "checkpoint 1",
                        "operator     type          parallelism    state  files  watermark",
                        "sum per key  KeyedProcess     2 of 128  2.7 KiB      2  none yet",
                        "state                                 kind               entries  windows"
                                + "   size  key groups       types",
                        "sum per key/total                     value                    4         "
                                + "  136 B  0 to 127 of 128  String -> Long",
                        "sum per key/trace                     list                     6         "
                                + "  156 B  0 to 127 of 128  String -> list of Point",
                        "sum per key/seen                      map                      4         "
                                + "  144 B  0 to 127 of 128  String -> map of String to Long",
                        "sum per key/window                    window-value             4        2"
                                + "  208 B  0 to 127 of 128  String -> Long",
                        "sum per key/timers:event-timers       event-timers             2         "
                                + "  104 B  0 to 127 of 128  String -> time",
                        "sum per key/timers:processing-timers  processing-timers        0         "
                                + "    0 B  0 to 127 of 128  String -> time",
                        "sum per key/operator                  operator                 2         "
                                + "   82 B",
                        "sum per key/money                     value                    2         "
                                + "   92 B  0 to 127 of 128  String -> Money");
        assertThat(run("--json")).isZero();
        assertThat(text().replaceAll("\\s+", " "))
                .contains(
                        "\"states\" : [ { \"operator\" : \"sum\", \"name\" : \"total\", \"kind\" :"
                                + " \"VALUE\", \"entries\" : 4, \"exact\" : true, \"windows\" : 0,"
                                + " \"bytes\" : 136, \"firstKeyGroup\" : 0, \"lastKeyGroup\" : 127,"
                                + " \"maxParallelism\" : 128, \"keyType\" : \"java.lang.String\","
                                + " \"mapKeyType\" : \"\", \"valueType\" : \"java.lang.Long\" }");
    }

    @Test
    void dump_everyKind_asJsonLines() throws IOException {
        makeEveryKind();
        assertThat(run("--dump", "sum/total")).isZero();
        assertThat(text())
                .isEqualTo(
                        """
                        {"key":"0-ann","value":10}
                        {"key":"0-bob","value":20}
                        {"key":"1-ann","value":11}
                        {"key":"1-bob","value":21}
                        """);
        assertThat(run("--dump", "sum per key/trace", "--limit", "4")).isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"key\":\"0-ann\",\"index\":0,\"value\":{\"x\":1,\"y\":2}}",
                        "{\"key\":\"0-ann\",\"index\":1,\"value\":{\"x\":3,\"y\":4}}",
                        "{\"key\":\"0-bob\",\"index\":0,\"value\":{\"x\":5,\"y\":6}}",
                        "{\"key\":\"1-ann\",\"index\":0,\"value\":{\"x\":1,\"y\":2}}");
        assertThat(run("--dump", "sum/seen", "--key", "1-ann")).isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"key\":\"1-ann\",\"mapKey\":\"x,\\\"y\\\"\",\"value\":7}",
                        "{\"key\":\"1-ann\",\"mapKey\":\"z\",\"value\":8}");
        assertThat(run("--dump", "sum/window", "--limit", "2")).isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"window\":1000,\"key\":\"0-ann\",\"value\":1}",
                        "{\"window\":2000,\"key\":\"0-ann\",\"value\":2}");
        assertThat(run("--dump", "sum/timers:event-timers", "--checkpoint", "1")).isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"key\":\"0-ann\",\"time\":5000}", "{\"key\":\"1-ann\",\"time\":5000}");
        assertThat(run("--dump", "sum/timers:processing-timers")).isZero();
        assertThat(text()).isEmpty();
        assertThat(message()).isEmpty();
    }

    @Test
    void dump_whatCannotBeDecoded_isHexAndSaid() throws IOException {
        makeEveryKind();
        assertThat(run("--dump", "sum/money")).isZero();
        assertThat(lines().getFirst())
                .isEqualTo("{\"key\":\"0-ann\",\"value\":{\"$hex\":\"cafe\"}}");
        assertThat(message())
                .isEqualTo(
                        "aquifer: the values are shown as hex: the layout of app.Money is not known"
                                + " here\n");
        assertThat(run("--dump", "sum/money", "--format", "csv")).isZero();
        assertThat(lines()).containsExactly("key,value", "0-ann,0xcafe", "1-ann,0xcafe");
        assertThat(run("--dump", "sum/operator")).isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"subtask\":0,\"value\":{\"$hex\":\"010200\"}}",
                        "{\"subtask\":1,\"value\":{\"$hex\":\"010201\"}}");
        try (StateSamples samples = new StateSamples(directory())) {
            samples.checkpoint(
                    (sections, subtask) -> {
                        sections.begin(Kind.VALUE, "total", LONG);
                        sections.entry(StateSamples.Sections.bytes("a"), new byte[] {5, 6});
                        sections.entry("b", LONG, 7L);
                    });
        }
        assertThat(run("--dump", "sum/total", "--limit", "2")).isZero();
        assertThat(lines())
                .containsExactly(
                        "{\"key\":\"a\",\"value\":{\"$hex\":\"0506\"}}",
                        "{\"key\":\"b\",\"value\":7}");
        assertThat(message())
                .isEqualTo("aquifer: 1 cells are no values of their type and are shown as hex\n");
    }

    @Test
    void dump_asCsv_quotesWhatNeedsIt() throws IOException {
        makeEveryKind();
        assertThat(run("--dump", "sum/seen", "--format=csv", "--limit=2")).isZero();
        assertThat(text())
                .isEqualTo(
                        """
                        key,mapKey,value
                        0-ann,"x,""y""\",7
                        0-ann,z,8
                        """);
        assertThat(run("--dump", "sum/trace", "--format", "csv", "--key", "0-bob")).isZero();
        assertThat(lines())
                .containsExactly("key,index,value", "0-bob,0,\"{\"\"x\"\":5,\"\"y\"\":6}\"");
        assertThat(run("--dump", "sum/total", "--format", "csv", "--key", "nobody")).isZero();
        assertThat(lines()).containsExactly("key,value");
        assertThat(message()).isEqualTo("aquifer: no entry has the key 'nobody'\n");
    }

    @Test
    void dump_ofNoSuchState_listsWhatThereIs() throws IOException {
        makeEveryKind();
        assertThat(run("--dump", "sum/nothing")).isEqualTo(2);
        assertThat(message())
                .isEqualTo(
                        "aquifer: --dump: checkpoint 1 has no state 'sum/nothing'. It has sum per"
                                + " key/money, sum per key/operator, sum per key/seen, sum per"
                                + " key/timers:event-timers, sum per key/timers:processing-timers,"
                                + " sum per key/total, sum per key/trace, sum per key/window.\n");
        assertThat(run("--dump", "sum/timers")).isEqualTo(2);
        assertThat(message())
                .isEqualTo(
                        "aquifer: --dump: 'sum/timers' is more than one state of checkpoint 1."
                                + " Choose one of sum per key/timers:event-timers, sum per"
                                + " key/timers:processing-timers.\n");
        assertThat(run("--dump", "sum/total", "--checkpoint", "9")).isEqualTo(7);
        assertThat(message())
                .isEqualTo(
                        "aquifer: there is no checkpoint 9 in '"
                                + directory()
                                + "'; there is 1.\n");
    }

    @Test
    void options_thatDoNotGoTogether_areRefused() throws IOException {
        makeEveryKind();
        assertRefused(
                "--dump and --diff do not go together; leave one of them out.",
                "--dump",
                "sum/total",
                "--diff",
                "1",
                "1");
        assertRefused(
                "--dump and --verify do not go together; leave one of them out.",
                "--dump",
                "sum/total",
                "--verify");
        assertRefused(
                "--json: --dump prints JSON lines as it is; leave --json out.",
                "--dump",
                "sum/total",
                "--json");
        assertRefused("--format says how --dump works, and there is none.", "--format", "csv");
        assertRefused(
                "--key says how --dump works, and there is none.",
                "--key",
                "a",
                "--diff",
                "1",
                "1");
        assertRefused(
                "--limit says how --dump or --diff works, and there is none.", "--limit", "3");
        assertRefused(
                "--format: 'xml' is neither json nor csv.",
                "--dump",
                "sum/total",
                "--format",
                "xml");
        assertRefused(
                "--limit: '-3' is no number of lines. Write one up to 999999999.",
                "--dump",
                "sum/total",
                "--limit=-3");
    }

    private void assertRefused(String message, String... words) {
        assertThat(run(words)).isEqualTo(2);
        assertThat(message()).isEqualTo("aquifer: " + message + "\n");
        assertThat(text()).isEmpty();
    }

    @Test
    void verify_namesEachDamagedAndMissingFile() throws IOException {
        try (StateSamples samples = new StateSamples(directory())) {
            samples.checkpoint(StateInspectionTest::everyKind);
            samples.checkpoint(StateInspectionTest::everyKind);
            samples.checkpoint(StateInspectionTest::everyKind);
        }
        assertThat(run("--verify")).isZero();
        assertThat(lines())
                .containsExactly(
                        "state of job 'flights' in " + directory(),
                        "checkpoint 3 is whole: 2 files, 2.7 KiB",
                        "checkpoint 2 is whole: 2 files, 2.7 KiB",
                        "checkpoint 1 is whole: 2 files, 2.7 KiB",
                        "all checksums are right");
        flip(directory().resolve("chk-000003/sum-0.state"), 100);
        Files.delete(directory().resolve("chk-000003/sum-1.state"));
        flip(directory().resolve("chk-000001/manifest"), 40);
        assertThat(run("--verify")).isEqualTo(7);
        assertThat(lines())
                .hasSize(8)
                .contains(
                        "checkpoint 3 is damaged",
                        "  chk-000003/sum-1.state is missing",
                        "checkpoint 2 is whole: 2 files, 2.7 KiB",
                        "checkpoint 1 is damaged")
                .endsWith("2 of 3 damaged");
        assertThat(lines().get(2))
                .startsWith("  state file 'chk-000003/sum-0.state' is damaged at byte ");
        assertThat(lines().get(6)).startsWith("  chk-000001/manifest line ").contains("checksum");
        assertThat(run("--dump", "sum/total")).isEqualTo(7);
        assertThat(message()).contains("chk-000003/sum-0.state").contains("--verify");
    }

    /// Whatever byte is changed, it is found.
    @Test
    void verify_findsEveryChangedByteOfAStateFile() throws IOException {
        makeEveryKind();
        Path file = directory().resolve("chk-000001/sum-1.state");
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at += 31) {
            byte[] changed = whole.clone();
            changed[at] ^= 0x10;
            Files.write(file, changed);
            assertThat(run("--verify")).as("byte %d", at).isEqualTo(7);
            assertThat(text()).contains("chk-000001/sum-1.state");
        }
        Files.write(file, whole);
        assertThat(run("--verify")).isZero();
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    private void makeTwo() throws IOException {
        try (StateSamples samples = new StateSamples(directory())) {
            samples.checkpoint(
                    (out, subtask) -> {
                        out.begin(Kind.VALUE, "total", LONG);
                        for (long i = 0; i < 30; i++) {
                            out.entry(subtask + "-" + i, LONG, i);
                        }
                        out.begin(Kind.LIST, "trace", LONG);
                        out.entry("l" + subtask, LONG, 1L);
                        out.entry("l" + subtask, LONG, 2L);
                        out.entry("m" + subtask, LONG, 1L);
                        out.begin(Kind.MAP, "seen", 0, "java.lang.String", "java.lang.Long");
                        out.mapEntry("a", "x" + subtask, 1);
                        out.mapEntry("a", "y" + subtask, 2);
                        out.begin(Kind.EVENT_TIMERS, "timers", 0, "", "");
                        out.timer("a" + subtask, 5);
                        out.begin(Kind.VALUE, "gone", LONG);
                        out.entry("a", LONG, 1L);
                    });
            samples.checkpoint(
                    (out, subtask) -> {
                        out.begin(Kind.VALUE, "total", LONG);
                        for (long i = 34; i >= 10; i--) {
                            out.entry(subtask + "-" + i, LONG, i == 12 ? -1 : i);
                        }
                        out.begin(Kind.LIST, "trace", LONG);
                        out.entry("m" + subtask, LONG, 1L);
                        out.entry("l" + subtask, LONG, 2L);
                        out.entry("l" + subtask, LONG, 1L);
                        out.begin(Kind.MAP, "seen", 0, "java.lang.String", "java.lang.Long");
                        out.mapEntry("a", "y" + subtask, 3);
                        out.mapEntry("b", "x" + subtask, 1);
                        out.begin(Kind.EVENT_TIMERS, "timers", 0, "", "");
                        out.timer("a" + subtask, 6);
                        out.begin(Kind.VALUE, "new", LONG);
                    });
        }
    }

    @Test
    void diff_comparesKeyByKey() throws IOException {
        makeTwo();
        assertThat(run("--diff", "1", "2", "--limit", "3")).isZero();
        assertThat(lines())
                .containsExactly(
                        "state of job 'flights' in " + directory(),
                        "checkpoint 1 against 2",
                        "",
                        "state               kind          entries in 1  in 2  keys only in 1  only"
                                + " in 2  changed",
                        "sum per key/total   value                   60    50              20     "
                                + "    10        2",
                        "sum per key/trace   list                     6     6               0     "
                                + "     0        2",
                        "sum per key/seen    map                      4     4               2     "
                                + "     2        2",
                        "sum per key/timers  event-timers             2     2               2     "
                                + "     2        0",
                        "sum per key/new     value                    -     0               -     "
                                + "     -        -  added",
                        "sum per key/gone    value                    2     -               -     "
                                + "     -        -  removed",
                        "",
                        "sum per key/total: 20 keys only in 1",
                        "  0-0",
                        "  0-1",
                        "  0-2",
                        "  and 17 more (--limit N names N)",
                        "",
                        "sum per key/total: 10 keys only in 2",
                        "  0-34",
                        "  0-33",
                        "  0-32",
                        "  and 7 more (--limit N names N)",
                        "",
                        "sum per key/total: 2 keys with another value",
                        "  0-12",
                        "  1-12",
                        "",
                        "sum per key/trace: 2 keys with another value",
                        "  l0",
                        "  l1",
                        "",
                        "sum per key/seen: 2 keys only in 1",
                        "  a -> x0",
                        "  a -> x1",
                        "",
                        "sum per key/seen: 2 keys only in 2",
                        "  b -> x0",
                        "  b -> x1",
                        "",
                        "sum per key/seen: 2 keys with another value",
                        "  a -> y0",
                        "  a -> y1",
                        "",
                        "sum per key/timers: 2 keys only in 1",
                        "  a0 at 5",
                        "  a1 at 5",
                        "",
                        "sum per key/timers: 2 keys only in 2",
                        "  a0 at 6",
                        "  a1 at 6");
    }

    @Test
    void diff_ofTheSame_saysSo_andAsJson() throws IOException {
        makeTwo();
        assertThat(run("--diff", "2", "2")).isZero();
        assertThat(lines()).endsWith("", "their states are the same");
        assertThat(run("--diff", "1", "2", "--json", "--limit", "1")).isZero();
        assertThat(text().replaceAll("\\s+", " "))
                .contains(
                        "\"before\" : 1, \"after\" : 2, \"same\" : false, \"states\" : [ {"
                            + " \"operator\" : \"sum\", \"name\" : \"total\", \"kind\" : \"VALUE\","
                            + " \"entriesBefore\" : 60, \"entriesAfter\" : 50, \"typesDiffer\" :"
                            + " false, \"onlyBefore\" : { \"count\" : 20, \"keys\" : [ \"0-0\" ] },"
                            + " \"onlyAfter\" : { \"count\" : 10, \"keys\" : [ \"0-34\" ] },"
                            + " \"changed\" : { \"count\" : 2, \"keys\" : [ \"0-12\" ] } }",
                        "\"entriesBefore\" : null, \"entriesAfter\" : 0,");
        assertThat(run("--diff", "1", "7")).isEqualTo(7);
        assertThat(message())
                .isEqualTo(
                        "aquifer: there is no checkpoint 7 in '"
                                + directory()
                                + "'; there are 2, 1.\n");
    }

    @Test
    void everyQuestion_leavesTheDirectoryAsItIs_alsoWhileAJobRunsInIt() throws IOException {
        makeTwo();
        Map<String, String> before;
        try (StateSamples running = new StateSamples(directory())) {
            before = content();
            assertThat(run()).isZero();
            assertThat(lines().get(1))
                    .isEqualTo(
                            "run "
                                    + StateReport.of(directory()).runId()
                                    + ": it is under way; process "
                                    + ProcessHandle.current().pid()
                                    + " holds the directory");
            assertThat(run("--verify")).isZero();
            assertThat(run("--dump", "sum/total")).isZero();
            assertThat(run("--diff", "1", "2")).isZero();
            assertThat(content()).isEqualTo(before);
            running.checkpoint(StateInspectionTest::everyKind);
            assertThat(run("--dump", "sum/money")).isZero();
        }
        try (StateSamples next = new StateSamples(directory())) {
            assertThat(next).as("no lock was left").isNotNull();
        }
    }

    /// Names, contents and times of all files.
    private Map<String, String> content() throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(
                        directory().relativize(file).toString(),
                        Arrays.hashCode(Files.readAllBytes(file))
                                + " "
                                + Files.getLastModifiedTime(file));
            }
        }
        return content;
    }

    @Test
    void directoryWithoutCheckpoints_saysSo() {
        new StateSamples(directory()).close();
        assertThat(run("--verify")).isZero();
        assertThat(lines()).endsWith("there is no checkpoint");
        assertThat(run("--dump", "sum/total")).isEqualTo(7);
        assertThat(message())
                .isEqualTo(
                        "aquifer: there is no checkpoint in '"
                                + directory()
                                + "' yet: its job has not completed one.\n");
        assertThat(run("--diff", "1", "2")).isEqualTo(7);
        assertThat(message())
                .isEqualTo(
                        "aquifer: there is no checkpoint 1 in '"
                                + directory()
                                + "'; there is none yet.\n");
    }

    @Test
    void whatIsNoStateDirectory_isRefusedWhateverIsAsked() throws IOException {
        Path empty = Files.createDirectory(temp.resolve("empty"));
        Path missing = temp.resolve("missing");
        for (String[] question :
                new String[][] {
                    {}, {"--verify"}, {"--json"}, {"--dump", "a/b"}, {"--diff", "1", "2"}
                }) {
            assertThat(runIn(empty, question)).isEqualTo(7);
            assertThat(message())
                    .isEqualTo(
                            "aquifer: "
                                    + empty
                                    + " is not a state directory: it holds no run of a job. Give"
                                    + " the directory that was given to the job as --state.\n");
            assertThat(runIn(missing, question)).isEqualTo(7);
            assertThat(message())
                    .startsWith("aquifer: there is no directory '" + missing + "' (looked for ");
        }
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void filesOfAnotherVersion_areNamedWithIt() throws IOException {
        makeTwo();
        Path manifest = directory().resolve("chk-000002/manifest");
        Path run = directory().resolve("run");
        rewrite(manifest, "aquifer-checkpoint\t1", "aquifer-checkpoint\t2");
        assertThat(run("--verify")).isEqualTo(7);
        assertThat(lines())
                .contains(
                        "checkpoint 2 is damaged",
                        "  chk-000002/manifest line 1: version '2' is not known; this program knows"
                                + " version 1");
        assertThat(run("--dump", "sum/total")).isEqualTo(7);
        assertThat(message())
                .isEqualTo(
                        "aquifer: checkpoint 2 in '"
                                + directory()
                                + "' is damaged: chk-000002/manifest line 1: version '2' is not"
                                + " known; this program knows version 1.\n");
        assertThat(run("--dump", "sum/total", "--checkpoint", "1", "--limit", "1")).isZero();
        rewrite(run, "aquifer-run\t1", "aquifer-run\t2");
        assertThat(run()).isEqualTo(7);
        assertThat(text())
                .contains("run line 1: version '2' is not known; this program knows version 1");
    }

    private static void rewrite(Path file, String from, String to) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            if (!line.startsWith("crc32c\t")) {
                text.append(line.equals(from) ? to : line).append('\n');
            }
        }
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        Files.writeString(file, text + "crc32c\t%08x\n".formatted(crc.getValue()));
    }
}
