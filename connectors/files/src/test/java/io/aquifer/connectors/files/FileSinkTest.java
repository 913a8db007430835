package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aquifer.api.connector.Sink;
import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Sinks: what is written, what is visible when, and whose files are left alone.
class FileSinkTest {
    @TempDir Path directory;

    enum Size {
        SMALL,
        LARGE
    }

    record Stat(LocalDateTime windowStart, String origin, long flights, double meanDelay) {}

    record Everything(
            int whole,
            long big,
            double real,
            boolean flag,
            String text,
            Size size,
            LocalDateTime at,
            LocalDate day,
            Instant instant,
            BigDecimal price,
            @Nullable Integer maybe,
            @Nullable Double rate) {}

    record One(@Nullable String only) {}

    private int runs;

    private <R extends Record> void run(Sink<R> sink, List<List<R>> parts) throws IOException {
        SinkRun run = nextRun();
        try (SinkCommitter committer = sink.open(run)) {
            List<String> committables = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                try (SinkWriter<R> writer = sink.createWriter(context(run, i, parts.size()))) {
                    for (R row : parts.get(i)) {
                        writer.write(row, Long.MIN_VALUE);
                    }
                    committables.addAll(writer.finish(0));
                }
            }
            committer.persist(committables);
            committer.commit(committables);
        }
    }

    private SinkRun nextRun() {
        return new SinkRun("job", "run" + ++runs, 0);
    }

    private static SinkContext context(SinkRun run, int subtask, int parallelism) {
        return new SinkContext(run, subtask, parallelism, List.of());
    }

    private List<String> visible() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> !f.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private List<String> hidden() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static Stat stat(int i, String origin, double mean) {
        return new Stat(LocalDateTime.of(2001, 1, 1, 0, i), origin, i, mean);
    }

    @Test
    void csv_isWrittenWithHeaderSnakeCaseAndRoundedHalfUp() throws IOException {
        run(
                FileSink.csv(directory, "stats", Stat.class).decimals("mean_delay", 3),
                List.of(
                        List.of(
                                stat(1, "ORD", 2.0005),
                                stat(2, "a \"b\", c", -0.0004),
                                stat(3, "l1\nl2", 1e20))));
        assertThat(directory.resolve("stats-0.csv"))
                .hasContent(
                        """
                        window_start,origin,flights,mean_delay
                        2001-01-01T00:01,ORD,1,2.001
                        2001-01-01T00:02,"a ""b"", c",2,0.000
                        2001-01-01T00:03,"l1
                        l2",3,100000000000000000000.000
                        """);
        assertThat(hidden()).containsExactly(".stats.csv.lock", ".stats.csv.manifest");
    }

    @Test
    void jsonLines_areWrittenWithPlainNumbersAndNulls() throws IOException {
        Everything row =
                new Everything(
                        1,
                        2,
                        1e-7,
                        true,
                        "ä\"\n",
                        Size.LARGE,
                        LocalDateTime.of(2001, 1, 1, 0, 0, 5),
                        LocalDate.of(2001, 1, 1),
                        Instant.parse("2001-01-01T00:00:00Z"),
                        new BigDecimal("1E+3"),
                        null,
                        Double.NaN);
        run(
                FileSink.jsonLines(directory, "e", Everything.class),
                List.of(List.of(row, row), List.of()));
        String line =
                "{\"whole\":1,\"big\":2,\"real\":0.00000010,\"flag\":true,\"text\":\"ä\\\"\\n"
                    + "\",\"size\":\"LARGE\",\"at\":\"2001-01-01T00:00:05\",\"day\":\"2001-01-01\",\"instant\":\"2001-01-01T00:00:00Z\",\"price\":1000,\"maybe\":null,\"rate\":null}\n";
        assertThat(Files.readString(directory.resolve("e-0.jsonl"))).isEqualTo(line + line);
        assertThat(directory.resolve("e-1.jsonl")).isEmptyFile();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {9, 99, 999})
    void randomRows_readBackAsTheyWereWritten(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        String[] parts = {"a", "\"", ",", "\n", "\r", "ä", "😀", " ", "\\", "\u2028", "NULL"};
        List<List<Everything>> rows = new ArrayList<>();
        List<Everything> all = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            List<Everything> list = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                StringBuilder text = new StringBuilder();
                for (int n = random.nextInt(4); n > 0; n--) {
                    text.append(parts[random.nextInt(parts.length)]);
                }
                double real = Double.longBitsToDouble(random.nextLong());
                list.add(
                        new Everything(
                                random.nextInt(),
                                random.nextLong(),
                                Double.isFinite(real) ? real : 0,
                                random.nextBoolean(),
                                text.toString(),
                                Size.values()[random.nextInt(2)],
                                LocalDateTime.ofEpochSecond(
                                        random.nextInt(),
                                        random.nextBoolean() ? 0 : random.nextInt(1_000_000_000),
                                        ZoneOffset.UTC),
                                LocalDate.ofEpochDay(random.nextInt(40_000)),
                                Instant.ofEpochMilli(random.nextInt()),
                                BigDecimal.valueOf(random.nextLong(), random.nextInt(30)),
                                random.nextBoolean() ? null : random.nextInt(),
                                random.nextBoolean() ? null : random.nextDouble()));
            }
            rows.add(list);
            all.addAll(list);
        }
        run(FileSink.csv(directory.resolve("csv"), "r", Everything.class), rows);
        run(FileSink.jsonLines(directory.resolve("json"), "r", Everything.class), rows);
        assertThat(
                        Collected.of(
                                        FileSource.of(Everything.class, directory.resolve("csv"))
                                                .optional("text"))
                                .all)
                .as("seed %d", seed)
                .isEqualTo(all);
        assertThat(
                        Collected.of(
                                        FileSource.of(Everything.class, directory.resolve("json"))
                                                .optional("text"))
                                .all)
                .as("seed %d", seed)
                .isEqualTo(all);
    }

    @Test
    void rowOfOneEmptyField_isNotABlankLine() throws IOException {
        run(
                FileSink.csv(directory, "one", One.class),
                List.of(List.of(new One(null), new One(""), new One("x"))));
        assertThat(Collected.of(FileSource.of(One.class, directory).optional("only")).all)
                .containsExactly(new One(""), new One(""), new One("x"));
    }

    @Test
    void untilCommit_nothingIsVisible_andAbortLeavesNothing() throws IOException {
        Files.writeString(directory.resolve("mine.csv"), "not yours");
        FileSink<Stat> sink = FileSink.csv(directory, "s", Stat.class);
        SinkRun run = nextRun();
        SinkCommitter committer = sink.open(run);
        SinkWriter<Stat> finished = sink.createWriter(context(run, 0, 2));
        SinkWriter<Stat> unfinished = sink.createWriter(context(run, 1, 2));
        finished.write(stat(1, "a", 1), 0);
        unfinished.write(stat(1, "a", 1), 0);
        assertThat(finished.finish(0)).containsExactly(".s-0-0-1.csv.run1.inprogress s-0.csv");
        finished.close();
        assertThat(visible()).containsExactly("mine.csv");
        assertThat(hidden())
                .containsExactly(
                        ".s-0-0-1.csv.run1.inprogress",
                        ".s-1-0-1.csv.run1.inprogress",
                        ".s.csv.lock",
                        ".s.csv.manifest");
        unfinished.close();
        assertThat(hidden())
                .containsExactly(".s-0-0-1.csv.run1.inprogress", ".s.csv.lock", ".s.csv.manifest");
        committer.abort();
        committer.abort();
        committer.close();
        assertThat(hidden()).containsExactly(".s.csv.lock", ".s.csv.manifest");
        assertThat(visible()).containsExactly("mine.csv");
    }

    @Test
    void nextRun_replacesItsOwnFilesAndRemovesThoseItDoesNotWriteAgain() throws IOException {
        Files.writeString(directory.resolve("s-x.csv"), "other");
        Files.writeString(directory.resolve("s-0.jsonl"), "other");
        FileSink<Stat> sink = FileSink.csv(directory, "s", Stat.class);
        run(sink, List.of(List.of(stat(1, "a", 1)), List.of(), List.of()));
        assertThat(visible())
                .containsExactly("s-0.csv", "s-0.jsonl", "s-1.csv", "s-2.csv", "s-x.csv");
        run(sink, List.of(List.of(stat(2, "b", 1))));
        assertThat(visible()).containsExactly("s-0.csv", "s-0.jsonl", "s-x.csv");
        assertThat(Files.readString(directory.resolve("s-0.csv")))
                .contains(",b,2,")
                .doesNotContain(",a,");
    }

    @Test
    void failedRun_leavesTheOutputOfTheLastOne() throws IOException {
        FileSink<Stat> sink = FileSink.csv(directory, "s", Stat.class);
        run(sink, List.of(List.of(stat(1, "a", 1))));
        String before = Files.readString(directory.resolve("s-0.csv"));
        SinkRun run = nextRun();
        try (SinkCommitter committer = sink.open(run)) {
            try (SinkWriter<Stat> writer = sink.createWriter(context(run, 0, 1))) {
                writer.write(stat(2, "b", 1), 0);
            }
            committer.abort();
        }
        assertThat(Files.readString(directory.resolve("s-0.csv"))).isEqualTo(before);
    }

    @Test
    void somebodyElsesFileInTheWay_isRefusedAndLeftAlone() throws IOException {
        Files.writeString(directory.resolve("s-7.csv"), "precious");
        FileSink<Stat> sink = FileSink.csv(directory, "s", Stat.class);
        assertThatThrownBy(() -> sink.open(nextRun()))
                .isInstanceOf(FileAccessException.class)
                .hasMessage(
                        "cannot write to "
                                + directory
                                + ": s-7.csv is there and was not written by this sink"
                                + " (.s.csv.manifest does not name it). Move it away, or choose"
                                + " another directory or prefix.");
        assertThat(directory.resolve("s-7.csv")).hasContent("precious");
    }

    /// The second one has the right checksum, so only its names give it away.
    @Test
    void forgedManifest_cannotMakeUsDeleteAnythingElse() throws IOException {
        Path outside = Files.writeString(directory.resolve("outside.txt"), "keep");
        Path out = Files.createDirectory(directory.resolve("out"));
        Path manifest = out.resolve(".s.csv.manifest");
        FileSink<Stat> sink = FileSink.csv(out, "s", Stat.class);
        Files.writeString(manifest, "../outside.txt\n/etc/hostname\n");
        assertThatThrownBy(() -> sink.open(nextRun()))
                .isInstanceOf(FileAccessException.class)
                .hasMessage(
                        "cannot use "
                                + manifest
                                + ": it is not a manifest. It tells which of the files s-*.csv are"
                                + " the sink's own. Move it and them away, or choose another"
                                + " directory or prefix.");
        TreeSet<String> names = new TreeSet<>(List.of("../outside.txt"));
        Files.write(manifest, Manifest.of("run0", names).bytes());
        assertThatThrownBy(() -> sink.open(nextRun()))
                .hasMessageContaining("it has a line 'old ../outside.txt'");
        byte[] whole = Manifest.of("run0", new TreeSet<>(List.of("s-0.csv"))).bytes();
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(manifest, damaged);
            assertThatThrownBy(() -> sink.open(nextRun()))
                    .as("byte %d flipped", i)
                    .isInstanceOf(FileAccessException.class)
                    .hasMessageStartingWith("cannot use " + manifest);
        }
        Files.delete(manifest);
        try (SinkCommitter committer = sink.open(new SinkRun("job", "r", 0))) {
            for (String bad :
                    List.of(
                            "../outside.txt",
                            ".s-0-0-1.csv.r.inprogress ../outside.txt",
                            "../outside.txt s-0.csv",
                            ".s-0-0-1.csv.other.inprogress s-0.csv",
                            ".s-0-0-1.csv.r.inprogress s-0.csv sometimes")) {
                assertThatThrownBy(() -> committer.commit(List.of(bad)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("'" + bad + "' is no output of run r of sink s-*.csv");
            }
        }
        assertThat(outside).hasContent("keep");
    }

    @Test
    void open_refusesPlacesThatCannotBeWritten() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        assertThatThrownBy(() -> FileSink.csv(file, "s", Stat.class).open(nextRun()))
                .isInstanceOf(FileAccessException.class)
                .hasMessage(
                        "cannot write to "
                                + file
                                + ": there is a file of that name. Choose another directory, or"
                                + " move the file away.");
        Path below = file.resolve("below/it");
        assertThatThrownBy(() -> FileSink.csv(below, "s", Stat.class).open(nextRun()))
                .hasMessage(
                        "cannot make the directory "
                                + below
                                + ": "
                                + file
                                + " is a file. Choose another directory, or move "
                                + "the file away.");
        assumeTrue(Files.isDirectory(Path.of("/proc/self")));
        assertThatThrownBy(
                        () ->
                                FileSink.csv(Path.of("/proc/self/out"), "s", Stat.class)
                                        .open(nextRun()))
                .isInstanceOf(FileAccessException.class)
                .hasMessageStartingWith("cannot write /proc/self/out: ")
                .hasMessageEndingWith(
                        "Choose another directory, or make this one writable for the user who runs"
                                + " the job.");
    }

    @Test
    void directoryWithoutPermission_isRefused() throws IOException {
        assumeTrue(!"root".equals(System.getProperty("user.name")), "root may write everywhere");
        Path closed = Files.createDirectory(directory.resolve("closed"));
        assumeTrue(closed.toFile().setWritable(false));
        assertThatThrownBy(() -> FileSink.csv(closed, "s", Stat.class).open(nextRun()))
                .hasMessage(
                        "cannot write "
                                + closed
                                + ": no permission. Choose another directory, or make this one"
                                + " writable for the user who runs the job.");
    }

    /// The device `/dev/full` answers every write with a full disk; the writer's hidden file is a
    /// link to it.
    @ParameterizedTest
    @ValueSource(strings = {"csv", "jsonl"})
    void fullDisk_isSaidWithFileAndBytes_andNothingIsVisible(String format) throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        Path part = directory.resolve(".s-0-0-1." + format + ".run1.inprogress");
        FileSink<Stat> sink =
                format.equals("csv")
                        ? FileSink.csv(directory, "s", Stat.class)
                        : FileSink.jsonLines(directory, "s", Stat.class);
        SinkRun run = nextRun();
        SinkCommitter committer = sink.open(run);
        Files.createSymbolicLink(part, full);
        SinkWriter<Stat> writer = sink.createWriter(context(run, 0, 1));
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 10_000; i++) {
                                writer.write(stat(1, "ORD", 1), 0);
                            }
                        })
                .isInstanceOf(FileAccessException.class)
                .hasMessage(
                        "cannot write "
                                + part
                                + ": the disk is full after 0 bytes. Nothing of this file is"
                                + " visible. Free some space or choose a directory on another"
                                + " disk.");
        writer.close();
        committer.abort();
        committer.close();
        assertThat(visible()).isEmpty();
        assertThat(hidden())
                .containsExactly(".s." + format + ".lock", ".s." + format + ".manifest");
    }

    @Test
    void inOrder_sortsByTimestampAndComparatorBehindTheWatermark() throws IOException {
        FileSink<Stat> sink =
                FileSink.csv(directory, "s", Stat.class)
                        .inOrder(Comparator.comparing(Stat::origin));
        SinkRun run = nextRun();
        SinkCommitter committer = sink.open(run);
        SinkWriter<Stat> writer = sink.createWriter(context(run, 0, 1));
        SplittableRandom random = new SplittableRandom(4);
        List<String> expected = new ArrayList<>();
        for (int window = 0; window < 20; window++) {
            List<String> origins = new ArrayList<>(List.of("D", "B", "A", "C", "B"));
            for (int i = origins.size(); i > 0; i--) {
                String origin = origins.remove(random.nextInt(i));
                writer.write(stat(window, origin, 5 - i), window * 1000 + 999);
            }
            writer.writeWatermark(window * 1000 + 999);
            writer.writeWatermark(window * 1000 + 1000);
            expected.addAll(List.of("A", "B", "B", "C", "D"));
        }
        List<String> committables = writer.finish(0);
        writer.close();
        committer.commit(committables);
        committer.close();
        List<Stat> rows = Collected.of(FileSource.of(Stat.class, directory)).records;
        assertThat(rows).extracting(Stat::origin).isEqualTo(expected);
        assertThat(rows)
                .isSortedAccordingTo(
                        Comparator.comparing(Stat::windowStart)
                                .thenComparing(Stat::origin)
                                .thenComparing(Stat::meanDelay));
    }

    @Test
    void serializedSink_isTheSameSink() throws Exception {
        FileSink<Stat> sink = FileSink.csv(directory, "s", Stat.class).decimals("meanDelay", 1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(sink);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            @SuppressWarnings("unchecked")
            FileSink<Stat> copy = (FileSink<Stat>) in.readObject();
            run(copy, List.of(List.of(stat(1, "a", 0.25))));
        }
        assertThat(Files.readString(directory.resolve("s-0.csv"))).endsWith(",0.3\n");
        assertThat(sink.name()).isEqualTo(directory.resolve("s-*.csv").toString());
    }

    @Test
    void badPrefixAndColumn_areRefusedWhenTheyAreSaid() {
        assertThatThrownBy(() -> FileSink.csv(directory, "../up", Stat.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'../up' cannot start the names of files");
        FileSink<Stat> sink = FileSink.csv(directory, "s", Stat.class);
        assertThatThrownBy(() -> sink.decimals("mean_dealy", 2))
                .hasMessage(
                        "record Stat has no component for column 'mean_dealy'; did you mean"
                                + " 'meanDelay'? Its components are: windowStart, origin, flights,"
                                + " meanDelay");
        assertThatThrownBy(() -> sink.decimals("origin", 2))
                .hasMessageContaining("is a String, which has no decimals");
    }
}
