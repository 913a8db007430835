package io.aquifer.cli;

import io.aquifer.engine.checkpoint.CheckpointManifest;
import io.aquifer.engine.checkpoint.CheckpointManifest.OperatorState;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition;
import io.aquifer.engine.checkpoint.CheckpointManifest.SplitPosition.Status;
import io.aquifer.engine.checkpoint.CheckpointManifest.StateFile;
import io.aquifer.engine.checkpoint.StateReport;
import io.aquifer.engine.checkpoint.StateReport.CheckpointReport;
import io.aquifer.engine.checkpoint.StoredState;
import io.aquifer.state.file.StateSection;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A state directory as text: whose it is, its checkpoints, one of them in full, what is damaged
/// and what to go on from.
///
/// Immutable; any thread.
///
/// @param now what ages are counted to
record StateText(StateReport report, Instant now) {
    private static final int LIST_MAX = 10;
    private static final String UNKNOWN = "-";

    /// Whether nothing is damaged.
    boolean isWhole() {
        return report.problems().isEmpty()
                && report.checkpoints().stream().allMatch(StateText::isWhole);
    }

    /// The newest checkpoint without damage.
    Optional<CheckpointReport> newestWhole() {
        return report.checkpoints().stream().filter(StateText::isWhole).findFirst();
    }

    /// @param shown the checkpoint to show in full; empty for none
    List<String> lines(Optional<CheckpointReport> shown, Screen screen) {
        List<String> lines = new ArrayList<>();
        lines.add(screen.bold(job(report)) + " in " + report.directory());
        lines.add(("run " + report.runId()).strip() + ": " + condition());
        if (!report.checkpoints().isEmpty()) {
            lines.add("");
            addTable(lines, checkpoints(), screen);
        }
        shown.ifPresent(checkpoint -> addCheckpoint(lines, checkpoint, screen));
        addProblems(lines, screen);
        return lines;
    }

    /// `state of job 'flights' in my/state`.
    static String whose(StateReport report) {
        return job(report) + " in " + report.directory();
    }

    private static String job(StateReport report) {
        return report.jobName().isEmpty()
                ? "state of an unknown job"
                : "state of job '" + report.jobName() + "'";
    }

    /// A line for each checkpoint, and one for each file that is damaged or missing.
    List<String> verification(Screen screen) {
        List<String> lines = new ArrayList<>();
        lines.add(screen.bold(job(report)) + " in " + report.directory());
        if (!report.problems().isEmpty()) {
            lines.add(screen.warn("the directory is damaged"));
            report.problems().forEach(problem -> lines.add("  " + problem));
        }
        long damaged = 0;
        for (CheckpointReport checkpoint : report.checkpoints()) {
            String name = "checkpoint " + checkpoint.id();
            if (isWhole(checkpoint)) {
                lines.add(
                        name
                                + " is whole: "
                                + Sizes.count(checkpoint.files())
                                + (checkpoint.files() == 1 ? " file, " : " files, ")
                                + Sizes.size(checkpoint.bytes()));
            } else {
                damaged++;
                lines.add(screen.warn(name + " is damaged"));
                checkpoint.problems().forEach(problem -> lines.add("  " + problem));
            }
        }
        int all = report.checkpoints().size();
        lines.add(
                all == 0
                        ? "there is no checkpoint"
                        : damaged == 0
                                ? "all checksums are right"
                                : Sizes.count(damaged) + " of " + Sizes.count(all) + " damaged");
        return lines;
    }

    /// How long ago a checkpoint was complete. A clock that was set back makes it lie ahead.
    static String age(CheckpointManifest manifest, Instant now) {
        Duration age = Duration.between(manifest.started().plus(manifest.took()), now);
        return age.compareTo(Duration.ofSeconds(-1)) > 0
                ? Times.rough(age)
                : "in the future by " + Times.rough(age.negated()) + " (was the clock set back?)";
    }

    static boolean isWhole(CheckpointReport checkpoint) {
        return checkpoint.manifest() != null && checkpoint.problems().isEmpty();
    }

    private String condition() {
        String holder = report.heldBy();
        if (holder != null) {
            boolean named = holder.matches("\\d+");
            return "it is under way; "
                    + (named ? "process " + holder : "another process")
                    + " holds the directory";
        }
        if (report.finished()) {
            return "it has finished; the next start begins afresh and replaces its output";
        }
        if (report.runId().isEmpty()) {
            return "what it was is lost";
        }
        if (report.checkpoints().isEmpty()) {
            return "it was interrupted before its first checkpoint; the next start begins it again";
        }
        CheckpointReport newest = report.checkpoints().getFirst();
        return isWhole(newest)
                ? "it was interrupted; the next start goes on from checkpoint " + newest.id()
                : "it was interrupted; its last checkpoint, " + newest.id() + ", is damaged";
    }

    private TextTable checkpoints() {
        TextTable table =
                new TextTable(
                        List.of(2, 7),
                        "checkpoint",
                        "age",
                        "kind",
                        "size",
                        "files",
                        "took",
                        "rows read",
                        "");
        for (CheckpointReport checkpoint : report.checkpoints()) {
            CheckpointManifest manifest = checkpoint.manifest();
            table.add(
                    Long.toString(checkpoint.id()),
                    manifest == null ? UNKNOWN : age(manifest, now),
                    manifest == null ? UNKNOWN : manifest.kind().name().toLowerCase(Locale.ROOT),
                    Sizes.size(checkpoint.bytes()),
                    Sizes.count(checkpoint.files()),
                    manifest == null ? UNKNOWN : Times.took(manifest.took()),
                    manifest == null ? UNKNOWN : Sizes.count(manifest.sourceRecords()),
                    isWhole(checkpoint) ? "" : "damaged");
        }
        return table;
    }

    private static void addCheckpoint(
            List<String> lines, CheckpointReport checkpoint, Screen screen) {
        CheckpointManifest manifest = checkpoint.manifest();
        if (manifest == null) {
            return;
        }
        lines.add("");
        lines.add(screen.bold("checkpoint " + checkpoint.id()));
        TextTable table =
                new TextTable(
                        List.of(0, 1, 5),
                        "operator",
                        "type",
                        "parallelism",
                        "state",
                        "files",
                        "watermark");
        for (OperatorState operator : manifest.operators()) {
            long bytes = operator.files().stream().mapToLong(StateFile::bytes).sum();
            table.add(
                    operator.name(),
                    operator.type(),
                    operator.parallelism() + " of " + operator.maxParallelism(),
                    Sizes.size(bytes),
                    Sizes.count(operator.files().size()),
                    watermark(operator.watermark()));
        }
        addTable(lines, table, screen);
        addStates(lines, checkpoint.states(), screen);
        for (OperatorState operator : manifest.operators()) {
            addSource(lines, operator);
            addList(
                    lines,
                    operator.name()
                            + ": "
                            + Sizes.count(operator.committables().size())
                            + " of its results in this checkpoint",
                    operator.committables());
        }
    }

    private static void addStates(List<String> lines, List<StoredState> states, Screen screen) {
        if (states.isEmpty()) {
            return;
        }
        StoredStateNames names = new StoredStateNames(states);
        TextTable table =
                new TextTable(
                        List.of(0, 1, 5, 6),
                        "state",
                        "kind",
                        "entries",
                        "windows",
                        "size",
                        "key groups",
                        "types");
        for (StoredState state : states) {
            boolean keyed = state.kind() != StateSection.Kind.OPERATOR;
            table.add(
                    names.fullName(state),
                    StoredStateNames.kind(state.kind()),
                    entries(state),
                    state.kind().hasWindow() ? Sizes.count(state.windows()) : "",
                    Sizes.size(state.bytes()),
                    keyed
                            ? state.firstKeyGroup()
                                    + " to "
                                    + state.lastKeyGroup()
                                    + " of "
                                    + state.maxParallelism()
                            : "",
                    StoredStateNames.types(state));
        }
        addTable(lines, table, screen);
    }

    /// In several runs, what is known without reading all is how many entries they have together.
    static String entries(StoredState state) {
        return (state.exact() ? "" : "up to ") + Sizes.count(state.entries());
    }

    private static void addSource(List<String> lines, OperatorState source) {
        List<SplitPosition> splits = source.splits();
        if (splits.isEmpty()) {
            return;
        }
        List<String> reading =
                splits.stream()
                        .filter(split -> split.status() == Status.STARTED)
                        .map(SplitPosition::description)
                        .toList();
        String head =
                source.name()
                        + ": "
                        + Sizes.count(splits.size())
                        + (splits.size() == 1 ? " split, " : " splits, ")
                        + Sizes.count(count(splits, Status.DONE))
                        + " read, "
                        + Sizes.count(reading.size())
                        + " begun, "
                        + Sizes.count(count(splits, Status.WAITING))
                        + " not begun";
        if (reading.isEmpty()) {
            lines.add(head);
        } else {
            addList(lines, head + "; goes on at", reading);
        }
    }

    private static void addList(List<String> lines, String head, List<String> items) {
        if (items.isEmpty()) {
            return;
        }
        lines.add(head);
        items.stream().limit(LIST_MAX).forEach(item -> lines.add("  " + item));
        if (items.size() > LIST_MAX) {
            lines.add(
                    "  and "
                            + Sizes.count(items.size() - LIST_MAX)
                            + " more (--json has all of them)");
        }
    }

    private void addProblems(List<String> lines, Screen screen) {
        if (isWhole()) {
            return;
        }
        lines.add("");
        if (!report.problems().isEmpty()) {
            lines.add(screen.warn("the directory is damaged:"));
            report.problems().forEach(problem -> lines.add("  " + problem));
        }
        for (CheckpointReport checkpoint : report.checkpoints()) {
            if (!isWhole(checkpoint)) {
                lines.add(screen.warn("checkpoint " + checkpoint.id() + " is damaged:"));
                checkpoint.problems().forEach(problem -> lines.add("  " + problem));
                if (checkpoint.problems().isEmpty()) {
                    lines.add("  its manifest cannot be read");
                }
            }
        }
        boolean needed =
                !report.finished()
                        && !report.checkpoints().isEmpty()
                        && !isWhole(report.checkpoints().getFirst());
        if (needed) {
            lines.add(
                    newestWhole()
                            .map(whole -> goOn(whole.id()))
                            .orElse(
                                    "No checkpoint is whole: start the job from the beginning with"
                                            + " another directory (--state)."));
        }
    }

    private static String goOn(long checkpoint) {
        return "go on from checkpoint " + checkpoint + " with --from-checkpoint " + checkpoint;
    }

    private static void addTable(List<String> lines, TextTable table, Screen screen) {
        List<String> rows = table.lines();
        lines.add(screen.bold(rows.getFirst()));
        lines.addAll(rows.subList(1, rows.size()));
    }

    private static long count(List<SplitPosition> splits, Status status) {
        return splits.stream().filter(split -> split.status() == status).count();
    }

    private static String watermark(long watermark) {
        if (watermark == Long.MIN_VALUE) {
            return "none yet";
        }
        return watermark == Long.MAX_VALUE
                ? "end of input"
                : Instant.ofEpochMilli(watermark).toString();
    }
}
