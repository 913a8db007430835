package io.aquifer.engine.checkpoint;

import io.aquifer.engine.checkpoint.CheckpointManifest.Kind;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A [CheckpointManifest] as the text that is on the disk. A manifest has one text; what is not
/// exactly such a text is refused.
///
/// The format is described in `docs/checkpoint-format.md`.
final class ManifestText {
    private static final String MAGIC = "aquifer-checkpoint";
    private static final int VERSION = 1;

    private ManifestText() {}

    /// @throws IllegalArgumentException when [#parse] would refuse the text
    static byte[] of(CheckpointManifest manifest) {
        byte[] content = write(manifest);
        try {
            if (parse(content, "manifest").equals(manifest)) {
                return content;
            }
        } catch (CorruptTextException e) {
            throw new IllegalArgumentException(
                    "checkpoint " + manifest.id() + " cannot be written: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                "checkpoint " + manifest.id() + " would not be read as it was: " + manifest);
    }

    private static byte[] write(CheckpointManifest manifest) {
        TabbedText text = new TabbedText(MAGIC, VERSION);
        text.line("id", Long.toString(manifest.id()));
        text.line("run", manifest.runId());
        text.line("job", manifest.jobName());
        text.line("kind", manifest.kind().name());
        text.line("started", manifest.started().toString());
        write("took", manifest.took(), text);
        write("interval", manifest.interval(), text);
        text.line("records", Long.toString(manifest.sourceRecords()));
        new TreeMap<>(manifest.rejects())
                .forEach((reason, count) -> text.line("reject", reason, Long.toString(count)));
        new TreeMap<>(manifest.counters())
                .forEach((name, count) -> text.line("counter", name, Long.toString(count)));
        manifest.operators().forEach(operator -> write(operator, text));
        return text.toBytes();
    }

    private static void write(String word, Duration duration, TabbedText text) {
        text.line(word, Long.toString(duration.getSeconds()), Integer.toString(duration.getNano()));
    }

    private static void write(OperatorState operator, TabbedText text) {
        text.line(
                "operator",
                operator.id(),
                operator.name(),
                operator.type(),
                Integer.toString(operator.parallelism()),
                Integer.toString(operator.maxParallelism()),
                Long.toString(operator.watermark()));
        for (SplitPosition split : operator.splits()) {
            text.line(
                    "split",
                    split.splitId(),
                    Long.toString(split.start()),
                    Long.toString(split.end()),
                    Long.toString(split.position()),
                    split.status().name(),
                    split.description());
        }
        operator.files().forEach(file -> write(file, text));
        operator.committables().forEach(committable -> text.line("committable", committable));
    }

    private static void write(StateFile file, TabbedText text) {
        String subtask = Integer.toString(file.subtask());
        String bytes = Long.toString(file.bytes());
        if (file.isRun()) {
            text.line(
                    "run-file",
                    file.path(),
                    subtask,
                    bytes,
                    Integer.toString(file.firstKeyGroup()),
                    Integer.toString(file.lastKeyGroup()));
        } else {
            text.line("file", file.path(), subtask, bytes);
        }
    }

    /// @param file what messages call it
    static CheckpointManifest parse(byte[] content, String file) throws CorruptTextException {
        return new Reader(TabbedText.parse(content, MAGIC, VERSION, file), file).manifest();
    }

    /// Takes the lines one after the other.
    private static final class Reader {
        private final List<TextLine> lines;
        private final String file;
        private final Set<String> operatorIds = new HashSet<>();
        private final Set<String> paths = new HashSet<>();
        private final Set<Run> runs = new HashSet<>();
        private int at;

        /// What a run may not be named for twice.
        private record Run(String path, int subtask, int firstKeyGroup) {}

        Reader(List<TextLine> lines, String file) {
            this.lines = lines;
            this.file = file;
        }

        CheckpointManifest manifest() throws CorruptTextException {
            long id = next("id", 1).number(1, 1, CheckpointNames.MAX_ID);
            String runId = next("run", 1).text(1);
            String jobName = next("job", 1).text(1);
            Kind kind = next("kind", 1).constant(1, Kind.class);
            Instant started = instant(next("started", 1));
            Duration took = duration(next("took", 2));
            Duration interval = duration(next("interval", 2));
            long records = next("records", 1).number(1, 0, Long.MAX_VALUE);
            Map<String, Long> rejects = counts("reject");
            Map<String, Long> counters = counts("counter");
            List<OperatorState> operators = new ArrayList<>();
            while (at < lines.size()) {
                operators.add(operator());
            }
            return new CheckpointManifest(
                    id, runId, jobName, kind, started, took, interval, records, rejects, counters,
                    operators);
        }

        private TextLine next(String word, int fields) throws CorruptTextException {
            if (at == lines.size()) {
                throw new CorruptTextException(
                        file, lines.size() + 2, "expected '" + word + "', found the end");
            }
            return lines.get(at++).expect(word, fields);
        }

        private boolean isNext(String word) {
            return at < lines.size() && lines.get(at).word().equals(word);
        }

        private static Duration duration(TextLine line) throws CorruptTextException {
            return Duration.ofSeconds(
                    line.number(1, Long.MIN_VALUE, Long.MAX_VALUE), line.number(2, 0, 999_999_999));
        }

        private static Instant instant(TextLine line) throws CorruptTextException {
            try {
                Instant instant = Instant.parse(line.text(1));
                if (instant.toString().equals(line.text(1))) {
                    return instant;
                }
            } catch (DateTimeException e) {
                // told below
            }
            throw line.corrupt(TabbedText.quote(line.text(1)) + " is not a time");
        }

        private Map<String, Long> counts(String word) throws CorruptTextException {
            Map<String, Long> counts = new LinkedHashMap<>();
            while (isNext(word)) {
                TextLine line = next(word, 2);
                long count = line.number(2, Long.MIN_VALUE, Long.MAX_VALUE);
                if (counts.put(line.text(1), count) != null) {
                    throw twice(line, word, line.text(1));
                }
            }
            return counts;
        }

        private OperatorState operator() throws CorruptTextException {
            TextLine line = next("operator", 6);
            if (!operatorIds.add(line.text(1))) {
                throw twice(line, "operator", line.text(1));
            }
            int parallelism = (int) line.number(4, 1, Integer.MAX_VALUE);
            int maxParallelism = (int) line.number(5, 1, Integer.MAX_VALUE);
            long watermark = line.number(6, Long.MIN_VALUE, Long.MAX_VALUE);
            List<SplitPosition> splits = splits();
            List<StateFile> files = files();
            List<String> committables = new ArrayList<>();
            while (isNext("committable")) {
                committables.add(next("committable", 1).text(1));
            }
            return new OperatorState(
                    line.text(1),
                    line.text(2),
                    line.text(3),
                    parallelism,
                    maxParallelism,
                    watermark,
                    splits,
                    files,
                    committables);
        }

        private List<SplitPosition> splits() throws CorruptTextException {
            List<SplitPosition> splits = new ArrayList<>();
            while (isNext("split")) {
                TextLine line = next("split", 6);
                splits.add(
                        new SplitPosition(
                                line.text(1),
                                line.number(2, Long.MIN_VALUE, Long.MAX_VALUE),
                                line.number(3, Long.MIN_VALUE, Long.MAX_VALUE),
                                line.number(4, Long.MIN_VALUE, Long.MAX_VALUE),
                                line.constant(5, SplitPosition.Status.class),
                                line.text(6)));
            }
            return splits;
        }

        private List<StateFile> files() throws CorruptTextException {
            List<StateFile> files = new ArrayList<>();
            while (isNext("file") || isNext("run-file")) {
                files.add(isNext("file") ? entries() : run());
            }
            return files;
        }

        private StateFile entries() throws CorruptTextException {
            TextLine line = next("file", 3);
            String path = path(line, false);
            if (!paths.add(path)) {
                throw twice(line, "file", path);
            }
            return new StateFile(path, subtask(line), line.number(3, 0, Long.MAX_VALUE));
        }

        private StateFile run() throws CorruptTextException {
            TextLine line = next("run-file", 5);
            String path = path(line, true);
            int first = (int) line.number(4, 0, Short.MAX_VALUE);
            int last = (int) line.number(5, first, Short.MAX_VALUE);
            if (!runs.add(new Run(path, subtask(line), first))) {
                throw twice(line, "run-file", path);
            }
            return new StateFile(
                    path, subtask(line), line.number(3, 0, Long.MAX_VALUE), first, last);
        }

        private static int subtask(TextLine line) throws CorruptTextException {
            return (int) line.number(2, 0, Integer.MAX_VALUE);
        }

        private static String path(TextLine line, boolean run) throws CorruptTextException {
            String path = line.text(1);
            if (!CheckpointNames.isStatePath(path) || CheckpointNames.isRunPath(path) != run) {
                throw line.corrupt(
                        TabbedText.quote(path)
                                + " is not the path of a "
                                + (run ? "run" : "state file"));
            }
            return path;
        }

        private static CorruptTextException twice(TextLine line, String word, String name) {
            return line.corrupt(word + " " + TabbedText.quote(name) + " occurs twice");
        }
    }
}
