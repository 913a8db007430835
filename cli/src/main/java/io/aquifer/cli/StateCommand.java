package io.aquifer.cli;

import io.aquifer.engine.checkpoint.StateDirectoryException;
import io.aquifer.engine.checkpoint.StateReport;
import io.aquifer.engine.checkpoint.StateReport.CheckpointReport;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/// `aquifer state DIR`: what a state directory holds, and whether it is whole.
@Command(
        name = "state",
        header = "Show the checkpoints in a state directory, and verify them.",
        customSynopsis = "aquifer state DIR [options]",
        description =
                "Every file is read and its checksums are verified; nothing is changed, so a job"
                        + " may be running in the directory. The exit code is 0 when everything is"
                        + " whole and 7 when something is damaged.")
final class StateCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final Function<Path, StateReport> reader;
    private final InstantSource clock;

    @Parameters(
            paramLabel = "DIR",
            description = "What --state was given, or the job's state path.")
    private String directory = "";

    @Option(
            names = "--checkpoint",
            paramLabel = "N",
            description = "The checkpoint to show in full (default: the newest).")
    private @Nullable String checkpoint;

    @Option(
            names = "--json",
            arity = "0",
            description = "One JSON object with all checkpoints in full.")
    private boolean json;

    /// @param reader reads and verifies a state directory
    /// @param clock tells the checkpoints' ages
    StateCommand(
            Surroundings surroundings, Function<Path, StateReport> reader, InstantSource clock) {
        this.surroundings = surroundings;
        this.reader = reader;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        long wanted = checkpoint == null ? 0 : StateOptions.checkpoint("--checkpoint", checkpoint);
        StateText text = new StateText(read(), clock.instant());
        Optional<CheckpointReport> shown = shown(text.report(), wanted);
        if (json) {
            surroundings.out().println(StateJson.of(text));
        } else {
            Screen screen = Screen.of(surroundings.out(), surroundings.environment());
            text.lines(shown, screen).forEach(screen::line);
        }
        return (text.isWhole() ? ExitCode.OK : ExitCode.STATE).code;
    }

    private StateReport read() {
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
        if (!Files.exists(path)) {
            throw refused(
                    "there is no directory "
                            + name
                            + " (looked for "
                            + path.toAbsolutePath().normalize()
                            + ").\nGive the one that --state named, or the job's state path.");
        }
        if (!Files.isDirectory(path)) {
            throw refused(
                    name
                            + " is a file, and a state directory is a directory.\n"
                            + "Give the one that --state named, or the job's state path.");
        }
        try {
            return reader.apply(path);
        } catch (StateDirectoryException refused) {
            throw new CommandException(
                    ExitCode.STATE, String.valueOf(refused.getMessage()), refused);
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

    private static CommandException refused(String message) {
        return new CommandException(ExitCode.STATE, message);
    }
}
