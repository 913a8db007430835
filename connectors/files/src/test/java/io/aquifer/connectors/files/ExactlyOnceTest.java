package io.aquifer.connectors.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aquifer.connectors.files.CheckpointedRun.Row;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// A scripted run of many checkpoints, ended at each of its disk operations in turn.
///
/// Goal: whatever ends it and where, the visible files are whole at that moment, the finished run
/// has each row once, the run before it is replaced, and other people's files are as they were.
/// Method: count the operations of an undisturbed run, then end one run at each of them, once by
/// the process's end, once by a power cut, once by a failing disk; every attempt after that may end
/// again at random, and may find the last checkpoint damaged. The output is compared with the row
/// numbers.
class ExactlyOnceTest {
    private static final int ROWS = 180;
    private static final String HEADER = "number,text\n";
    private static final Map<String, String> FOREIGN =
            Map.of(
                    "notes.txt", "mine",
                    "s-x.csv", "mine too",
                    ".s-0-0-1.csv.somebody.inprogress", "another run's",
                    ".t-0-0-1.csv.r2.inprogress", "another sink's",
                    "s-0.jsonl", "another format");

    private static final String CAUSE = "Input/output error. ";

    private enum End {
        PROCESS,
        POWER,
        FAILURE
    }

    private static FileSink<Row> sink(MemoryDisk disk, boolean ordered) {
        FileSink<Row> sink = FileSink.csv(Path.of("out"), "s", Row.class).onDisk(disk);
        return ordered ? sink.inOrder(Comparator.comparing(row -> row.number() % 2)) : sink;
    }

    private static MemoryDisk disk(boolean links, boolean ordered) throws IOException {
        MemoryDisk disk = links ? new MemoryDisk() : new MemoryDisk().withoutLinks();
        FOREIGN.forEach(disk::put);
        CheckpointedRun earlier = new CheckpointedRun(sink(disk, ordered), "r1", 7, 30);
        earlier.attempt(3, true);
        assertThat(rows(disk)).hasSize(30);
        return disk;
    }

    /// The visible rows by file; every visible file must be whole.
    private static Map<String, List<Integer>> parts(MemoryDisk disk) {
        Map<String, List<Integer>> parts = new TreeMap<>();
        disk.files()
                .forEach(
                        (name, text) -> {
                            if (name.startsWith(".") || FOREIGN.containsKey(name)) {
                                return;
                            }
                            assertThat(text).as(name).startsWith(HEADER).endsWith("\n");
                            List<Integer> numbers = new ArrayList<>();
                            for (String line : text.substring(HEADER.length()).lines().toList()) {
                                int number = Integer.parseInt(line.substring(0, line.indexOf(',')));
                                assertThat(line).isEqualTo(number + ",row " + number);
                                numbers.add(number);
                            }
                            parts.put(name, numbers);
                        });
        return parts;
    }

    private static List<Integer> rows(MemoryDisk disk) {
        return parts(disk).values().stream().flatMap(List::stream).sorted().toList();
    }

    @ParameterizedTest(name = "seed {0}, links {1}, ordered {2}")
    @CsvSource({"1,true,false", "2,true,true", "3,false,true", "4,false,false", "5,true,true"})
    void run_endedAtEveryOperation_writesEachRowOnce(long seed, boolean links, boolean ordered)
            throws IOException {
        MemoryDisk undisturbed = disk(links, ordered);
        long before = undisturbed.operations();
        new CheckpointedRun(sink(undisturbed, ordered), "r2", seed, ROWS).attempt(2, true);
        long operations = undisturbed.operations() - before;
        assertThat(operations).isGreaterThan(100);
        for (End end : End.values()) {
            for (long n = 1; n <= operations; n++) {
                String when = "seed %d, %s at operation %d".formatted(seed, end, n);
                try {
                    disturbed(disk(links, ordered), seed, ordered, end, n);
                } catch (IOException | RuntimeException | AssertionError e) {
                    throw new AssertionError(when, e);
                }
            }
        }
    }

    private static void disturbed(MemoryDisk disk, long seed, boolean ordered, End end, long n)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed * 31 + n);
        CheckpointedRun run = new CheckpointedRun(sink(disk, ordered), "r2", seed, ROWS);
        int most = ordered ? 1 : 3;
        for (int attempt = 0; ; attempt++) {
            long at = attempt == 0 ? n : 1 + random.nextInt(60);
            if (attempt < 4 && end == End.FAILURE) {
                disk.failAt(at);
            } else if (attempt < 4) {
                disk.stopAt(at);
            }
            boolean done = false;
            try {
                run.attempt(1 + random.nextInt(most), true);
                done = true;
            } catch (FileAccessException | MemoryDisk.Stopped e) {
                if (attempt == 4) {
                    throw e; // nothing disturbed this one
                } else if (end == End.FAILURE) {
                    assertThat(e.getMessage())
                            .startsWith("cannot ")
                            .contains("out")
                            .contains(CAUSE);
                }
            }
            if (end == End.POWER && !done) {
                disk.cutPower(random);
            }
            disk.restart();
            parts(disk);
            if (done) {
                break;
            } else if (random.nextInt(8) == 0) {
                run.fallBack();
            }
        }
        assertThat(rows(disk)).isEqualTo(IntStream.range(0, ROWS).boxed().toList());
        Map<String, String> all = disk.files();
        FOREIGN.forEach((name, text) -> assertThat(all).containsEntry(name, text));
        assertThat(all.keySet())
                .filteredOn(name -> name.startsWith("."))
                .containsExactlyInAnyOrder(
                        ".s-0-0-1.csv.somebody.inprogress",
                        ".s.csv.manifest",
                        ".t-0-0-1.csv.r2.inprogress");
        if (ordered) {
            List<Integer> concatenated =
                    parts(disk).values().stream().flatMap(List::stream).toList();
            assertThat(concatenated)
                    .isEqualTo(
                            IntStream.range(0, ROWS)
                                    .boxed()
                                    .sorted(
                                            Comparator.<Integer>comparingInt(row -> row / 4)
                                                    .thenComparing(row -> row % 2))
                                    .toList());
        }
    }

    /// Somebody takes the very name of a part at every moment of the run: before each operation.
    @ParameterizedTest(name = "links {0}")
    @CsvSource({"true", "false"})
    void fileThatComesInTheWay_isNeverOverwrittenNorRemoved(boolean links) throws IOException {
        for (long n = 1; n < 60; n++) {
            MemoryDisk disk = disk(links, false);
            CheckpointedRun run = new CheckpointedRun(sink(disk, false), "r2", 2, ROWS);
            disk.stopAt(n);
            assertThatThrownBy(() -> run.attempt(1, false)).isInstanceOf(IOException.class);
            disk.restart();
            String name = "s-0-%06d.csv".formatted(run.complete.id() + 2);
            if (disk.files().containsKey(name)) {
                continue; // a pending part that had become visible
            }
            disk.put(name, "precious");
            assertThatThrownBy(() -> run.attempt(1, true))
                    .as("operation %d", n)
                    .isInstanceOf(FileAccessException.class)
                    .hasMessageContaining(name + " is there and was not written by this sink");
            assertThat(disk.files()).containsEntry(name, "precious");
        }
    }

    @Test
    void nameThatIsTakenBetweenTheLookAndTheLink_isRefused() throws IOException {
        MemoryDisk disk = new MemoryDisk();
        CheckpointedRun run = new CheckpointedRun(sink(disk, false), "r", 2, ROWS);
        disk.takeNextName("precious");
        assertThatThrownBy(() -> run.attempt(1, true))
                .isInstanceOf(FileAccessException.class)
                .hasMessageContaining(" is there and was not written by this sink");
        assertThat(disk.files()).containsValue("precious");
        assertThatThrownBy(() -> run.attempt(1, true)).isInstanceOf(FileAccessException.class);
        assertThat(disk.files()).containsValue("precious");
        disk.files().forEach((name, text) -> removeStranger(disk, name, text));
        run.attempt(1, true);
        assertThat(rows(disk)).isEqualTo(IntStream.range(0, ROWS).boxed().toList());
    }

    private static void removeStranger(MemoryDisk disk, String name, String text) {
        if (text.equals("precious")) {
            try {
                disk.delete(Path.of("out", name));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
