package io.aquifer.engine.checkpoint;

import java.util.ArrayList;
import java.util.List;

/// The file `run` of a state directory: whose checkpoints it holds and which of them count.
///
/// Everything that is decided when a directory is opened is decided by replacing this file in one
/// step; what is deleted afterwards is already void, so it does not matter when, or how far.
///
/// **Invariant**: the ranges rise and do not touch, and end at `highest` at most.
///
/// @param runId 16 hex digits; of all starts that go on from one another
/// @param highest no id up to this one is used again
/// @param voids checkpoints that do not count, though there may still be files of them: those of
///   earlier runs, and those that were given up by going back
record JobRunFile(String runId, String jobName, Status status, long highest, List<Range> voids) {
    private static final String MAGIC = "aquifer-run";
    private static final int VERSION = 1;
    static final int MAX_BYTES = 16 << 20;

    enum Status {
        RUNNING,
        FINISHED
    }

    /// Ids, both included.
    record Range(long first, long last) {
        boolean holds(long id) {
            return first <= id && id <= last;
        }
    }

    JobRunFile {
        voids = List.copyOf(voids);
    }

    /// A run that begins: no checkpoint up to `highest` is its.
    static JobRunFile begin(String runId, String jobName, long highest) {
        List<Range> earlier = highest == 0 ? List.of() : List.of(new Range(1, highest));
        return new JobRunFile(runId, jobName, Status.RUNNING, highest, earlier);
    }

    boolean isVoid(long id) {
        return voids.stream().anyMatch(range -> range.holds(id));
    }

    JobRunFile with(Status newStatus) {
        return new JobRunFile(runId, jobName, newStatus, highest, voids);
    }

    /// @param id reserved, if it is not already
    JobRunFile withHighest(long id) {
        return new JobRunFile(runId, jobName, status, Math.max(highest, id), voids);
    }

    /// The run as it was at `checkpoint`: those after it are void.
    JobRunFile backTo(long checkpoint) {
        List<Range> kept = new ArrayList<>();
        long first = checkpoint + 1;
        for (Range range : voids) {
            if (range.last() + 1 < first) {
                kept.add(range);
            } else {
                first = Math.min(first, range.first());
            }
        }
        if (first <= highest) {
            kept.add(new Range(first, highest));
        }
        return new JobRunFile(runId, jobName, Status.RUNNING, highest, kept);
    }

    byte[] toBytes() {
        TabbedText text =
                new TabbedText(MAGIC, VERSION)
                        .line("run", runId)
                        .line("job", jobName)
                        .line("status", status.name())
                        .line("highest", Long.toString(highest));
        for (Range range : voids) {
            text.line("void", Long.toString(range.first()), Long.toString(range.last()));
        }
        return text.toBytes();
    }

    /// Whether a file of this name is Aquifer's, damaged or not.
    static boolean isRunFile(byte[] content) {
        return TabbedText.hasMagic(content, MAGIC);
    }

    /// @param file what messages call it
    static JobRunFile parse(byte[] content, String file) throws CorruptTextException {
        List<TextLine> lines = TabbedText.parse(content, MAGIC, VERSION, file);
        if (lines.size() < 4) {
            throw new CorruptTextException(file, lines.size() + 2, "a line is missing");
        }
        String runId = lines.get(0).expect("run", 1).text(1);
        String jobName = lines.get(1).expect("job", 1).text(1);
        Status status = lines.get(2).expect("status", 1).constant(1, Status.class);
        long highest = lines.get(3).expect("highest", 1).number(1, 0, CheckpointNames.MAX_ID);
        List<Range> voids = new ArrayList<>();
        long last = -1;
        for (TextLine line : lines.subList(4, lines.size())) {
            line.expect("void", 2);
            Range range = new Range(line.number(1, last + 2, highest), line.number(2, 1, highest));
            if (range.last() < range.first()) {
                throw line.corrupt("the range ends before it begins");
            }
            voids.add(range);
            last = range.last();
        }
        return new JobRunFile(runId, jobName, status, highest, voids);
    }
}
