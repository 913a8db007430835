package io.aquifer.cli;

import io.aquifer.engine.checkpoint.CheckpointView;
import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.engine.checkpoint.StateReport;
import io.aquifer.engine.checkpoint.StateReport.CheckpointReport;
import io.aquifer.engine.checkpoint.StoredState;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/// `aquifer state DIR`: what a state directory holds, and whether it is whole; the entries of a
/// state; how two checkpoints differ.
@Command(
        name = "state",
        header = "Show the checkpoints in a state directory, and verify them.",
        customSynopsis = {
            "aquifer state DIR [--checkpoint N] [--verify] [--json]",
            "       aquifer state DIR --dump OPERATOR/STATE [--checkpoint N] [options]",
            "       aquifer state DIR --diff A B [--limit N] [--json]"
        },
        description =
                "Every file is read and its checksums are verified; nothing is changed, so a job"
                    + " may be running in the directory. The exit code is 0 when everything is"
                    + " whole and 7 when something is damaged. --dump and --diff read and verify"
                    + " only what they show.")
final class StateCommand implements Callable<Integer> {
    private static final int EXAMPLES = 10;

    private final Surroundings surroundings;
    private final Reader reader;
    private final InstantSource clock;

    @Parameters(
            paramLabel = "DIR",
            description = "What --state was given, or the job's state path.")
    private String directory = "";

    @Option(
            names = "--checkpoint",
            paramLabel = "N",
            description = "The checkpoint to show in full, or to dump (default: the newest).")
    private @Nullable String checkpoint;

    @Option(
            names = "--verify",
            arity = "0",
            description = "Say of each checkpoint whether it is whole, and nothing else.")
    private boolean verify;

    @Option(
            names = "--dump",
            paramLabel = "OPERATOR/STATE",
            description = "Print the entries of a state, one a line.")
    private @Nullable String dump;

    @Option(
            names = "--format",
            paramLabel = "json|csv",
            description = "What --dump prints (default: json, an object a line).")
    private @Nullable String format;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "Dump the entries of this key only; as --format csv prints it.")
    private @Nullable String key;

    @Option(
            names = "--diff",
            arity = "2",
            paramLabel = "A B",
            hideParamSyntax = true,
            description = "Compare the states of checkpoint A with those of B, key by key.")
    private @Nullable List<String> diff;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = {
                "The most lines of --dump (default: all), or the most keys of a",
                "kind that --diff names (default: 10)."
            })
    private @Nullable String limit;

    @Option(
            names = "--json",
            arity = "0",
            description = "One JSON object with all checkpoints, or all of --diff.")
    private boolean json;

    /// Reads a state directory.
    ///
    /// @param verified reads all of it
    /// @param listed reads no more than what tells of what there is
    record Reader(Function<Path, StateReport> verified, Function<Path, StateReport> listed) {}

    /// @param clock tells the checkpoints' ages
    StateCommand(Surroundings surroundings, Reader reader, InstantSource clock) {
        this.surroundings = surroundings;
        this.reader = reader;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        checkOptions();
        long wanted = checkpoint == null ? 0 : StateOptions.checkpoint("--checkpoint", checkpoint);
        if (dump != null) {
            return dump(dump, wanted);
        }
        if (diff != null) {
            return diff(diff);
        }
        StateText text = new StateText(read(reader.verified()), clock.instant());
        Optional<CheckpointReport> shown = shown(text.report(), wanted);
        if (json) {
            surroundings.out().println(StateJson.of(text));
        } else {
            Screen screen = Screen.of(surroundings.out(), surroundings.environment());
            List<String> lines = verify ? text.verification(screen) : text.lines(shown, screen);
            lines.forEach(screen::line);
        }
        return (text.isWhole() ? ExitCode.OK : ExitCode.STATE).code;
    }

    private void checkOptions() {
        refuseBoth("--dump", dump != null, "--diff", diff != null);
        refuseBoth("--dump", dump != null, "--verify", verify);
        refuseBoth("--diff", diff != null, "--verify", verify);
        refuseBoth("--diff", diff != null, "--checkpoint", checkpoint != null);
        if (json && dump != null) {
            throw usage("--json: --dump prints JSON lines as it is; leave --json out.");
        }
        if (dump == null) {
            refuseAlone("--format", format);
            refuseAlone("--key", key);
            if (diff == null) {
                refuseAlone("--limit", limit);
            }
        }
        if (format != null && !format.equals("json") && !format.equals("csv")) {
            throw usage("--format: '" + format + "' is neither json nor csv.");
        }
    }

    private static void refuseBoth(String one, boolean oneGiven, String other, boolean otherGiven) {
        if (oneGiven && otherGiven) {
            throw usage(one + " and " + other + " do not go together; leave one of them out.");
        }
    }

    private static void refuseAlone(String option, @Nullable String value) {
        if (value != null) {
            throw usage(
                    option
                            + " says how "
                            + (option.equals("--limit") ? "--dump or --diff" : "--dump")
                            + " works, and there is none.");
        }
    }

    private long limit(long without) {
        if (limit == null) {
            return without;
        }
        if (!limit.matches("\\d{1,9}")) {
            throw usage(
                    "--limit: '" + limit + "' is no number of lines. Write one up to 999999999.");
        }
        return Long.parseLong(limit);
    }

    private int dump(String name, long wanted) {
        long lines = limit(Long.MAX_VALUE);
        StateReport report = read(reader.listed());
        CheckpointView view = view(report, wanted);
        String where = "checkpoint " + view.manifest().id();
        StoredState state = new StoredStateNames(view.states()).find(name, where);
        StateDump dumping = new StateDump(state, lines, key);
        try {
            if ("csv".equals(format)) {
                dumping.printCsv(view, surroundings.out());
            } else {
                dumping.printJson(view, surroundings.out());
            }
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        } catch (StateDirectoryException damaged) {
            throw refused(damaged);
        }
        dumping.notes().forEach(note -> surroundings.err().println("aquifer: " + note));
        return ExitCode.OK.code;
    }

    private int diff(List<String> ids) {
        int examples = (int) limit(EXAMPLES);
        long before = StateOptions.checkpoint("--diff", ids.get(0));
        long after = StateOptions.checkpoint("--diff", ids.get(1));
        StateReport report = read(reader.listed());
        StateComparison comparison =
                new StateComparison(
                        view(report, before),
                        view(report, after),
                        StateComparison.placesForThisHeap(),
                        examples);
        StateDifferenceText text;
        try {
            text = new StateDifferenceText(before, after, comparison.differences());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        } catch (StateDirectoryException damaged) {
            throw refused(damaged);
        }
        if (json) {
            surroundings.out().println(text.json(directory));
        } else {
            Screen screen = Screen.of(surroundings.out(), surroundings.environment());
            text.lines(StateText.whose(report), screen).forEach(screen::line);
        }
        return ExitCode.OK.code;
    }

    /// @param wanted a checkpoint, or 0 for the newest
    private CheckpointView view(StateReport report, long wanted) {
        CheckpointReport shown =
                shown(report, wanted)
                        .orElseThrow(
                                () ->
                                        refused(
                                                "there is no checkpoint in '"
                                                        + directory
                                                        + "' yet: its job has not completed one."));
        if (shown.manifest() == null) {
            throw refused(
                    "checkpoint "
                            + shown.id()
                            + " in '"
                            + directory
                            + "' is damaged: "
                            + String.join("; ", shown.problems())
                            + ".");
        }
        try {
            return CheckpointView.of(report, shown.id());
        } catch (StateDirectoryException unreadable) {
            throw refused(unreadable);
        }
    }

    private StateReport read(Function<Path, StateReport> way) {
        Path path;
        try {
            path = Path.of(directory);
        } catch (InvalidPathException unusable) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "'" + directory + "' is no name of a directory: " + unusable.getReason() + ".",
                    unusable);
        }
        String name = "'" + directory + "'";
        if (Files.notExists(path)) {
            throw refused(
                    "there is no directory "
                            + name
                            + " (looked for "
                            + path.toAbsolutePath().normalize()
                            + ").\nGive the one that --state named, or the job's state path.");
        }
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw refused(
                    name
                            + " is a file, and a state directory is a directory.\n"
                            + "Give the one that --state named, or the job's state path.");
        }
        try {
            return way.apply(path);
        } catch (StateDirectoryException refused) {
            throw refused(refused);
        }
    }

    /// The checkpoint that was asked for.
    ///
    /// @param wanted its id, or 0 for the newest
    private static Optional<CheckpointReport> shown(StateReport report, long wanted) {
        List<CheckpointReport> all = report.checkpoints();
        Optional<CheckpointReport> found =
                all.stream().filter(one -> wanted == 0 || one.id() == wanted).findFirst();
        if (wanted > 0 && found.isEmpty()) {
            throw refused(
                    "there is no checkpoint "
                            + wanted
                            + " in '"
                            + report.directory()
                            + "'; "
                            + (all.isEmpty()
                                    ? "there is none yet."
                                    : "there "
                                            + (all.size() == 1 ? "is " : "are ")
                                            + String.join(
                                                    ", ",
                                                    all.stream()
                                                            .map(one -> Long.toString(one.id()))
                                                            .toList())
                                            + "."));
        }
        return found;
    }

    private static CommandException usage(String message) {
        return new CommandException(ExitCode.USAGE, message);
    }

    private static CommandException refused(String message) {
        return new CommandException(ExitCode.STATE, message);
    }

    private static CommandException refused(StateDirectoryException why) {
        return new CommandException(ExitCode.STATE, String.valueOf(why.getMessage()), why);
    }
}
