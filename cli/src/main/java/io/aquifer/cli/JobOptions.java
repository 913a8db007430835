package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// What `run` and `demo` take.
///
/// `--memory` and `--parallelism` are read by the launcher, before there is a JVM to size; they are
/// declared here so that they are accepted, explained, and refused when they are misspelt.
final class JobOptions {
    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = {
                "What the process may take: 512m, 2g; 2048 is MiB",
                "(default: 2g, half of the machine when that is less)."
            })
    private @Nullable String memory;

    @Option(
            names = {"-p", "--parallelism"},
            paramLabel = "N",
            description = "Subtasks of an operator side by side (default: processors).")
    private @Nullable String parallelism;

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description = "Passed to the job as --input PATH.")
    private @Nullable String input;

    @Option(
            names = "--output",
            paramLabel = "PATH",
            description = "Passed to the job as --output PATH.")
    private @Nullable String output;

    @Option(
            names = "--rate",
            paramLabel = "ROWS_PER_S",
            description = "Passed to the job as --rate ROWS_PER_S, for a live look.")
    private @Nullable String rate;

    @Mixin private final StateOptions state = new StateOptions();

    @Mixin private final MemoryOptions memoryOptions = new MemoryOptions();

    @Option(
            names = "--json",
            arity = "0",
            description = "No progress; the report as one JSON object.")
    private boolean json;

    @Option(
            names = "--stacktrace",
            arity = "0",
            description = "Show every call when the job fails (or AQUIFER_TRACE=1).")
    private boolean stacktrace;

    /// The folder given with `--output`.
    Path output(String otherwise) {
        return Path.of(output == null ? otherwise : output);
    }

    /// Where checkpoints go when the command line does not say.
    void defaultState(Path directory) {
        state.defaultDirectory(directory);
    }

    /// Runs a job with these options.
    ///
    /// @param name what to call it before it is loaded
    /// @param words the whole command line: what followed `--` is the job's own
    /// @throws CommandException if an option's value cannot be read
    int run(
            Surroundings surroundings,
            String name,
            Supplier<JobProgram> loading,
            CommandWords words) {
        Map<String, String> properties = new HashMap<>(state.properties());
        properties.putAll(memoryOptions.properties());
        JobRun.Settings settings =
                new JobRun.Settings(
                        json,
                        stacktrace || "1".equals(surroundings.environment().get("AQUIFER_TRACE")),
                        properties,
                        state.stopTimeout(),
                        words.resuming());
        List<String> arguments = new ArrayList<>();
        if (input != null) {
            arguments.addAll(List.of("--input", input));
        }
        if (output != null) {
            arguments.addAll(List.of("--output", output));
        }
        if (rate != null) {
            arguments.addAll(List.of("--rate", rate));
        }
        arguments.addAll(words.forJob());
        return new JobRun(surroundings, settings).run(name, loading, arguments).code;
    }
}
