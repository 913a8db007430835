package io.aquifer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The flights demo on one state and one output directory, and what it must have left when it has
/// finished.
///
/// @param rate rows a second, 0 for as many as it can
record FlightsJob(String file, Path output, Path state, int rate, String interval) {
    private static final Pattern PART = Pattern.compile("(\\w+)-(\\d+)(?:-\\d+)?\\.csv");
    private static final Pattern ROWS =
            Pattern.compile(
                    "^rows +([\\d,]+)(?: \\(([\\d,]+) before the resume\\))?   .*",
                    Pattern.MULTILINE);

    /// Names that resemble ours, and what must not become of them: anything.
    private static final List<String> STRANGERS =
            List.of(
                    "windows-9.csv.bak",
                    "windows.csv",
                    "windows-x.csv",
                    "windows-0-1.csv",
                    "rejects-0.csv.inprogress",
                    ".windows-0-000001.csv.other.inprogress",
                    ".windows-0-0-1.csv.0123456789abcdef.inprogress",
                    ".windows-0-0-2.csv.inprogress",
                    ".windows.csv.manifest.bak");

    private static final List<String> OWN_HIDDEN =
            List.of(
                    ".rejects.csv.lock",
                    ".rejects.csv.manifest",
                    ".windows.csv.lock",
                    ".windows.csv.manifest");

    /// What an uninterrupted run without a state directory leaves.
    ///
    /// @param lines by prefix, without headers, sorted
    /// @param headers by prefix
    /// @param counts lines of the report that must be the same however often a run was resumed
    record Result(
            Map<String, List<String>> lines,
            Map<String, String> headers,
            long rows,
            List<String> counts) {}

    static Path data(String file) {
        return Launched.HOME.resolve("examples/data").resolve(file);
    }

    /// Runs the job without interruption, without a rate and without a state directory.
    static Result uninterrupted(String file, Path output) throws Exception {
        FlightsJob job = new FlightsJob(file, output, output, 0, "");
        try (Launched process =
                Launched.run(
                        List.of(
                                "demo",
                                "flights",
                                "--memory=256m",
                                "--input",
                                data(file).toString(),
                                "--output",
                                output.toString()))) {
            assertThat(process.end()).as("%s", process).isZero();
            return job.result(process.out());
        }
    }

    List<String> words(int parallelism, String... more) {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "demo",
                                "flights",
                                "--memory=256m",
                                "-p",
                                Integer.toString(parallelism),
                                "--input",
                                data(file).toString(),
                                "--output",
                                output.toString(),
                                "--state",
                                state.toString(),
                                "--checkpoint-interval",
                                interval));
        if (rate > 0) {
            words.addAll(List.of("--rate", Integer.toString(rate)));
        }
        words.addAll(List.of(more));
        return words;
    }

    /// The same job, no longer held back.
    FlightsJob atFullRate() {
        return new FlightsJob(file, output, state, 0, interval);
    }

    Launched start(int parallelism, String... more) throws IOException {
        return Launched.start(words(parallelism, more));
    }

    CheckpointsOnDisk checkpoints() {
        return new CheckpointsOnDisk(state);
    }

    /// Puts other people's files among the outputs.
    void addStrangers() throws IOException {
        Files.createDirectories(output);
        for (String name : STRANGERS) {
            Files.writeString(output.resolve(name), "not yours: " + name);
        }
    }

    /// Checks a process that has run to the end of the input, and what there is on the disk then.
    ///
    /// @param before rows of the checkpoint that it went on from, 0 for a run from the beginning
    void assertFinished(Launched process, long before, Result expected) throws Exception {
        assertThat(process.end()).as("%s", process).isZero();
        Result result = result(process.out());
        assertThat(result.rows()).as("rows of the whole run").isEqualTo(expected.rows());
        assertThat(result.counts()).isEqualTo(expected.counts());
        Matcher rows = rows(process.out());
        assertThat(rows.group(2) == null ? 0 : number(rows.group(2)))
                .as("rows from before")
                .isEqualTo(before);
        assertSame(result.lines(), expected.lines());
        assertThat(result.headers()).isEqualTo(expected.headers());
        assertNothingLeft();
    }

    /// Checks the output alone, where no process was left to report.
    void assertSameOutput(Result expected) throws IOException {
        assertSame(lines(new TreeMap<>()), expected.lines());
    }

    private void assertNothingLeft() throws IOException {
        TreeSet<String> hidden = new TreeSet<>();
        boolean strangers = Files.exists(output.resolve(STRANGERS.getFirst()));
        try (Stream<Path> files = Files.list(output)) {
            files.map(path -> path.getFileName().toString())
                    .filter(name -> !PART.matcher(name).matches())
                    .forEach(hidden::add);
        }
        if (strangers) {
            for (String name : STRANGERS) {
                assertThat(output.resolve(name)).hasContent("not yours: " + name);
                hidden.remove(name);
            }
        }
        assertThat(hidden)
                .as("what is left beside the parts")
                .containsExactlyElementsOf(OWN_HIDDEN);
        try (Stream<Path> files = Files.walk(state)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".inprogress"));
        }
        assertThat(checkpoints().isFinished()).isTrue();
        assertThat(checkpoints().drafts()).isEmpty();
    }

    private Result result(String report) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        Map<String, List<String>> lines = lines(headers);
        List<String> counts =
                report.lines()
                        .dropWhile(line -> !line.matches("flights  FINISHED in .*"))
                        .filter(
                                line ->
                                        line.matches(
                                                "(rejects|  not from|duplicates|late records) .*"))
                        .toList();
        return new Result(lines, headers, number(rows(report).group(1)), counts);
    }

    private static Matcher rows(String report) {
        Matcher rows = ROWS.matcher(report);
        assertThat(rows.find()).as("a report with rows: %s", report).isTrue();
        return rows;
    }

    static long number(String text) {
        return Long.parseLong(text.replace(",", ""));
    }

    /// The visible parts merged by prefix and sorted. Each must be in order, and each subtask's in
    /// the order of their names.
    private Map<String, List<String>> lines(Map<String, String> headers) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(output)) {
            names =
                    files.map(path -> path.getFileName().toString())
                            .filter(name -> PART.matcher(name).matches())
                            .filter(name -> !STRANGERS.contains(name))
                            .sorted()
                            .toList();
        }
        Map<String, List<String>> merged = new TreeMap<>();
        Map<String, String> lastOfSubtask = new HashMap<>();
        for (String name : names) {
            Matcher part = PART.matcher(name);
            assertThat(part.matches()).isTrue();
            String text = Files.readString(output.resolve(name));
            assertThat(text).as(name).endsWith("\n");
            List<String> lines = text.lines().toList();
            String header = headers.putIfAbsent(part.group(1), lines.getFirst());
            assertThat(header == null ? lines.getFirst() : header).isEqualTo(lines.getFirst());
            List<String> rows = lines.subList(1, lines.size());
            merged.computeIfAbsent(part.group(1), prefix -> new ArrayList<>()).addAll(rows);
            if (part.group(1).equals("windows")) {
                assertInOrder(name, part.group(2), rows, lastOfSubtask);
            }
        }
        merged.values().forEach(rows -> rows.sort(null));
        return merged;
    }

    /// Rows begin with the window's start and the origin, and are in their order.
    private static void assertInOrder(
            String name, String subtask, List<String> rows, Map<String, String> lastOfSubtask) {
        String last = lastOfSubtask.getOrDefault(subtask, "");
        for (String row : rows) {
            String key = row.substring(0, row.indexOf(',', row.indexOf(',') + 1));
            assertThat(key.compareTo(last) > 0).as("%s: %s after %s", name, key, last).isTrue();
            last = key;
        }
        lastOfSubtask.put(subtask, last);
    }

    private static void assertSame(
            Map<String, List<String>> actual, Map<String, List<String>> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        for (Map.Entry<String, List<String>> entry : expected.entrySet()) {
            List<String> all = actual.getOrDefault(entry.getKey(), List.of());
            if (!all.equals(entry.getValue())) {
                throw new AssertionError(
                        "%s: %,d lines instead of %,d; the first missing: %s; the first too many: %s"
                                .formatted(
                                        entry.getKey(),
                                        all.size(),
                                        entry.getValue().size(),
                                        first(entry.getValue(), all),
                                        first(all, entry.getValue())));
            }
        }
    }

    /// The first three that are in a list more often than in another.
    private static List<String> first(List<String> list, List<String> other) {
        Map<String, Integer> counts = new HashMap<>();
        other.forEach(line -> counts.merge(line, 1, Integer::sum));
        return list.stream()
                .filter(line -> counts.merge(line, -1, Integer::sum) < 0)
                .limit(3)
                .toList();
    }
}
