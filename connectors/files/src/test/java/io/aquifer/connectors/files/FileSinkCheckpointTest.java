package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.api.connector.SinkCommitter;
import io.aquifer.api.connector.SinkContext;
import io.aquifer.api.connector.SinkRun;
import io.aquifer.api.connector.SinkWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Files of a sink with checkpoints: which are visible after each step, and what another attempt,
/// another run and another job do to them.
class FileSinkCheckpointTest {
    record Row(int number, String text) {}

    @TempDir Path directory;

    private FileSink<Row> sink() {
        return FileSink.csv(directory, "s", Row.class);
    }

    private TreeMap<String, String> files(boolean hidden) throws IOException {
        TreeMap<String, String> files = new TreeMap<>();
        try (Stream<Path> list = Files.list(directory)) {
            for (Path file : list.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(".") == hidden) {
                    String text = Files.readString(file);
                    files.put(name, text.replace("number,text\n", "").replace("\n", " "));
                }
            }
        }
        return files;
    }

    private List<String> unfinished() throws IOException {
        return files(true).keySet().stream().filter(name -> name.endsWith("progress")).toList();
    }

    private static SinkRun run(String id, long restored) {
        return new SinkRun("flights", id, restored);
    }

    private static SinkWriter<Row> writer(FileSink<Row> sink, SinkRun run, int subtask)
            throws IOException {
        return sink.createWriter(new SinkContext(run, subtask, 2, List.of()));
    }

    private static void write(SinkWriter<Row> writer, int... numbers) throws IOException {
        for (int number : numbers) {
            writer.write(new Row(number, "r"), number);
        }
    }

    private static void commit(SinkCommitter committer, List<String> committables)
            throws IOException {
        committer.persist(committables);
        committer.commit(committables);
    }

    /// A run of one writer that commits row 1 with checkpoint 1, row 2 with 2, and so on.
    private void runTo(String id, int checkpoints) throws IOException {
        SinkRun run = run(id, 0);
        try (SinkCommitter committer = sink().open(run);
                SinkWriter<Row> writer = writer(sink(), run, 0)) {
            for (int checkpoint = 1; checkpoint <= checkpoints; checkpoint++) {
                write(writer, checkpoint);
                commit(committer, writer.prepareCommit(checkpoint));
            }
        }
    }

    @Test
    void checkpoints_makePartsVisible_emptyOnesNone_failedOnesWithTheNext() throws IOException {
        SinkRun run = run("r", 0);
        SinkCommitter committer = sink().open(run);
        SinkWriter<Row> first = writer(sink(), run, 0);
        SinkWriter<Row> second = writer(sink(), run, 1);
        write(first, 1, 2);
        List<String> committables = new ArrayList<>(first.prepareCommit(1));
        assertThat(second.prepareCommit(1)).isEmpty();
        assertThat(files(false)).isEmpty();
        commit(committer, committables);
        assertThat(files(false)).containsOnlyKeys("s-0-000001.csv");
        committables.clear();
        write(second, 3);
        committables.addAll(second.prepareCommit(2)); // fails
        write(second, 4);
        committables.addAll(second.prepareCommit(3));
        write(second, 5);
        committables.addAll(first.finish(4)); // without rows, and there is other output
        committables.addAll(second.finish(4));
        first.close();
        second.close();
        commit(committer, committables);
        commit(committer, committables);
        committer.abort();
        committer.close();
        assertThat(files(false))
                .containsExactly(
                        Map.entry("s-0-000001.csv", "1,r 2,r "),
                        Map.entry("s-1-000002.csv", "3,r "),
                        Map.entry("s-1-000003.csv", "4,r "),
                        Map.entry("s-1-000004.csv", "5,r "));
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void runWithoutRows_leavesOneFileWithTheHeader() throws IOException {
        SinkRun run = run("r", 0);
        try (SinkCommitter committer = sink().open(run);
                SinkWriter<Row> first = writer(sink(), run, 0);
                SinkWriter<Row> second = writer(sink(), run, 1)) {
            committer.commit(first.prepareCommit(1));
            List<String> committables = new ArrayList<>(first.finish(2));
            committables.addAll(second.finish(2));
            commit(committer, committables);
            commit(committer, committables);
        }
        assertThat(directory.resolve("s-0-000002.csv")).hasContent("number,text\n");
        assertThat(files(false)).hasSize(1);
    }

    @Test
    void goingOn_keepsThePartsUpToTheCheckpoint_andRemovesLaterOnesAndLeftovers()
            throws IOException {
        runTo("r", 3);
        Path leftover = directory.resolve(".s-0-0-9.csv.r.inprogress");
        Files.writeString(leftover, "x");
        SinkRun run = run("r", 2);
        try (SinkCommitter committer = sink().open(run)) {
            assertThat(files(false)).hasSize(3);
            assertThat(leftover).exists();
            committer.abort();
            assertThat(leftover).as("may be the checkpoint's").exists();
            committer.commit(List.of());
            assertThat(files(false)).containsOnlyKeys("s-0-000001.csv", "s-0-000002.csv");
            assertThat(unfinished()).isEmpty();
            try (SinkWriter<Row> writer = writer(sink(), run, 0)) {
                write(writer, 30);
                commit(committer, writer.finish(4));
            }
        }
        assertThat(files(false)).hasSize(3).containsEntry("s-0-000004.csv", "30,r ");
    }

    @Test
    void freshRun_leavesEarlierOutputUntilItsFirstCommitWithRows() throws IOException {
        runTo("r", 2);
        for (String id : List.of("q", "q")) { // another run, then that run from its beginning
            SinkRun run = run(id, 0);
            try (SinkCommitter committer = sink().open(run);
                    SinkWriter<Row> writer = writer(sink(), run, 1)) {
                int before = files(false).size();
                committer.commit(writer.prepareCommit(5));
                assertThat(files(false)).hasSize(before);
                write(writer, 9);
                commit(committer, writer.prepareCommit(6));
                assertThat(files(false)).containsOnlyKeys("s-1-000006.csv");
                write(writer, 10);
                commit(committer, writer.prepareCommit(7));
                assertThat(files(false)).containsOnlyKeys("s-1-000006.csv", "s-1-000007.csv");
            }
        }
    }

    @Test
    void goingOnWhereOutputIsLost_isRefused() throws IOException {
        runTo("r", 2);
        Files.delete(directory.resolve("s-0-000001.csv"));
        String start =
                "cannot go on with job 'flights' from checkpoint 2: what it wrote to "
                        + directory.resolve("s-*.csv")
                        + " until then is lost, ";
        String end = ". Bring the directory back, or start the job afresh.";
        assertThatThrownBy(() -> sink().open(run("r", 2)))
                .isInstanceOf(FileAccessException.class)
                .hasMessage(start + "s-0-000001.csv is not there" + end);
        assertThatThrownBy(() -> sink().open(run("other", 2)))
                .hasMessage(start + ".s.csv.manifest names run r, which came later" + end);
        Files.delete(directory.resolve(".s.csv.manifest"));
        Files.delete(directory.resolve("s-0-000002.csv"));
        assertThatThrownBy(() -> sink().open(run("r", 2)))
                .hasMessage(start + ".s.csv.manifest is not there" + end);
    }

    @Test
    void strangersFileThatAppearsBeforeACommit_isRefusedAndKept() throws IOException {
        Path stranger = directory.resolve("s-0-000001.csv");
        SinkRun run = run("r", 0);
        try (SinkCommitter committer = sink().open(run);
                SinkWriter<Row> writer = writer(sink(), run, 0)) {
            write(writer, 1);
            List<String> committables = writer.prepareCommit(1);
            Files.writeString(stranger, "precious");
            assertThatThrownBy(() -> commit(committer, committables))
                    .isInstanceOf(FileAccessException.class)
                    .hasMessage(
                            "cannot write to "
                                    + directory
                                    + ": s-0-000001.csv is there and was not written by this sink"
                                    + " (.s.csv.manifest does not name it). Move it away, or choose"
                                    + " another directory or prefix.");
            assertThat(stranger).hasContent("precious");
            committer.abort();
            assertThat(unfinished()).as("belongs to a complete checkpoint").hasSize(1);
            Files.delete(stranger);
            committer.commit(committables);
            assertThat(files(false)).containsEntry("s-0-000001.csv", "1,r ");
        }
    }

    @Test
    void rowsThatWait_goOnWithFewerWriters_inOrder() throws IOException {
        FileSink<Row> sink = sink().inOrder(Comparator.comparing(Row::text));
        SinkRun run = run("r", 0);
        List<byte[]> states = new ArrayList<>();
        try (SinkCommitter committer = sink.open(run)) {
            List<String> committables = new ArrayList<>();
            for (int subtask = 0; subtask < 2; subtask++) {
                try (SinkWriter<Row> writer = writer(sink, run, subtask)) {
                    for (int i = 0; i < 6; i++) {
                        writer.write(new Row(10 * subtask + i, i % 2 == 0 ? "b" : "a"), i / 4);
                    }
                    writer.writeWatermark(1);
                    committables.addAll(writer.prepareCommit(1));
                    states.add(writer.snapshotState());
                }
            }
            commit(committer, committables);
        }
        SinkRun again = run("r", 1);
        try (SinkCommitter committer = sink.open(again)) {
            committer.commit(List.of());
            try (SinkWriter<Row> writer = sink.createWriter(new SinkContext(again, 0, 1, states))) {
                writer.write(new Row(99, "a"), 1);
                commit(committer, writer.finish(2));
            }
        }
        assertThat(files(false))
                .containsEntry("s-0-000001.csv", "1,a 3,a 0,b 2,b ")
                .containsEntry("s-1-000001.csv", "11,a 13,a 10,b 12,b ")
                .containsEntry("s-0-000002.csv", "5,a 15,a 99,a 4,b 14,b ");
        assertThatThrownBy(() -> sink().createWriter(new SinkContext(again, 0, 1, states)))
                .hasMessageContaining("the checkpoint has rows that wait to be sorted")
                .hasMessageContaining("Call inOrder again");
        FileSink<Other> changed = FileSink.csv(directory, "s", Other.class).inOrder((a, b) -> 0);
        assertThatThrownBy(() -> changed.createWriter(new SinkContext(again, 0, 1, states)))
                .hasMessageContaining("rows that wait to be sorted were stored as ")
                .hasMessageEndingWith("Go on with the record as it was, or start the job afresh.");
    }

    record Other(long number) {}

    @Test
    void secondSinkOfOneJob_andSecondJobOfOneProcess_areRefused() throws IOException {
        String output = directory.resolve("s-*.csv").toString();
        SinkCommitter first = sink().open(run("r", 0));
        assertThatThrownBy(() -> sink().open(run("r", 0)))
                .isInstanceOf(FileAccessException.class)
                .hasMessage(
                        "two sinks of job 'flights' write to "
                                + output
                                + ". Give one of them another directory or prefix.");
        Path detour = Files.createDirectory(directory.resolve("x")).resolve("..");
        assertThatThrownBy(
                        () ->
                                FileSink.csv(detour, "s", Row.class)
                                        .open(new SinkRun("other", "q", 0)))
                .hasMessage(
                        "cannot write to "
                                + detour.resolve("s-*.csv")
                                + ": job 'flights' of this process ("
                                + ProcessHandle.current().pid()
                                + ") writes there. Wait until it has ended, or choose another"
                                + " directory or prefix.");
        FileSink.jsonLines(directory, "s", Row.class).open(run("r", 0)).close();
        FileSink.csv(directory, "t", Row.class).open(run("r", 0)).close();
        first.close();
        sink().open(run("r", 0)).close();
    }

    /// The other process is this class's `main`.
    @Test
    void secondProcess_isRefusedWithTheFirstsNumber_andNotOnceThatIsKilled() throws Exception {
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                FileSinkCheckpointTest.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("open");
            assertThatThrownBy(() -> sink().open(run("q", 0)))
                    .isInstanceOf(FileAccessException.class)
                    .hasMessage(
                            "cannot write to "
                                    + directory.resolve("s-*.csv")
                                    + ": process "
                                    + other.pid()
                                    + " (job 'flights') writes there. Wait until it has ended, or"
                                    + " choose another directory or prefix.");
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(unfinished()).containsExactly(".s-0-0-1.csv.r.inprogress");
        sink().open(run("q", 0)).close();
        assertThat(unfinished()).isEmpty();
    }

    public static void main(String[] arguments) throws IOException {
        FileSink<Row> sink = FileSink.csv(Path.of(arguments[0]), "s", Row.class);
        SinkRun run = run("r", 0);
        try (SinkCommitter committer = sink.open(run);
                SinkWriter<Row> writer = writer(sink, run, 0)) {
            write(writer, 1);
            System.out.println("open");
            System.in.read();
            committer.abort();
        }
    }
}
