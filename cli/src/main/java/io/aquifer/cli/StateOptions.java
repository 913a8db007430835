package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// The options of `run` and `demo` about checkpoints and other files of the engine, and what the
/// engine is told of them.
///
/// They reach it as system properties, and there override what the job's code sets.
final class StateOptions {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = {
                "Keep checkpoints in DIR; after an interruption the same",
                "command goes on from the last one."
            })
    private @Nullable String state;

    @Option(
            names = "--checkpoint-interval",
            paramLabel = "TIME",
            description = "Time between two checkpoints: 500ms, 10s, 1m (default: 10s).")
    private @Nullable String interval;

    @Option(
            names = "--from-checkpoint",
            paramLabel = "N",
            description = "Go on from checkpoint N instead of the last one.")
    private @Nullable String fromCheckpoint;

    @Option(
            names = "--force",
            arity = "0",
            description = "Begin anew where DIR holds another job's state; it is removed.")
    private boolean force;

    @Option(
            names = "--stop-timeout",
            paramLabel = "TIME",
            description = {
                "How long Ctrl-C waits for a last checkpoint before it",
                "cancels the job (default: 10s)."
            })
    private @Nullable String stopTimeout;

    @Option(
            names = "--spill-dir",
            paramLabel = "DIR",
            description = "Where sorters put what does not fit into memory (default: /tmp).")
    private @Nullable String spill;

    /// Sets the directory when none was given.
    void defaultDirectory(Path directory) {
        if (state == null) {
            state = directory.toString();
        }
    }

    /// The engine's system properties, without those that were not asked for.
    ///
    /// @throws CommandException if a value cannot be read
    Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        if (state != null) {
            if (state.isBlank()) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--state: the name of the directory is empty. Write a folder, such as"
                                + " --state state.");
            }
            properties.put("aquifer.state.dir", state);
        }
        if (interval != null) {
            long millis = Times.parse("--checkpoint-interval", interval).toMillis();
            properties.put("aquifer.checkpoint.interval.millis", Long.toString(millis));
        }
        if (fromCheckpoint != null) {
            long checkpoint = checkpoint("--from-checkpoint", fromCheckpoint);
            properties.put("aquifer.state.checkpoint", Long.toString(checkpoint));
        }
        if (spill != null) {
            if (spill.isBlank()) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--spill-dir: the name of the directory is empty. Write a folder, such as"
                                + " --spill-dir /var/tmp.");
            }
            properties.put("aquifer.spill.dir", spill);
        }
        if (force) {
            properties.put("aquifer.state.force", "true");
        }
        return properties;
    }

    /// @throws CommandException if it cannot be read
    Duration stopTimeout() {
        return stopTimeout == null ? STOP_TIMEOUT : Times.parse("--stop-timeout", stopTimeout);
    }

    /// Reads the number of a checkpoint, at least 1.
    ///
    /// @param option whose value it is, for the refusal
    /// @throws CommandException if it is none
    static long checkpoint(String option, String text) {
        if (!text.matches("[1-9]\\d{0,17}")) {
            throw new CommandException(
                    ExitCode.USAGE,
                    option
                            + ": '"
                            + text
                            + "' is not the number of a checkpoint, which is 1 or more."
                            + " `aquifer state DIR` lists those there are.");
        }
        return Long.parseLong(text);
    }
}
