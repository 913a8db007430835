package io.aquifer.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of the commands that run a job.
///
/// `--memory` and `--parallelism` are read by the launcher, before there is a JVM to size; they are declared here for
/// the help text and so that they are accepted.
final class JobOptions {
    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description = "What the whole process may take: 512m, 2g; a number alone is MiB. Default: 1g.")
    @Nullable String memory;

    @Option(
            names = {"-p", "--parallelism"},
            paramLabel = "N",
            description = "Subtasks of an operator side by side. Default: one per processor.")
    @Nullable String parallelism;

    @Option(names = "--input", paramLabel = "PATH", description = "Passed to the job as --input PATH.")
    @Nullable String input;

    @Option(names = "--output", paramLabel = "PATH", description = "Passed to the job as --output PATH.")
    @Nullable String output;

    @Option(names = "--json", description = "No progress; the report as one JSON object. The job's own output goes to standard error.")
    boolean json;

    @Option(names = "--stacktrace", description = "Show every call when the job fails. Also: AQUIFER_TRACE=1.")
    boolean stacktrace;

    /// The job's arguments: input, output, then the rest as written.
    List<String> jobArguments(@Nullable String defaultInput, List<String> rest) {
        List<String> arguments = new ArrayList<>();
        String source = input == null ? defaultInput : input;
        if (source != null) {
            arguments.add("--input");
            arguments.add(source);
        }
        if (output != null) {
            arguments.add("--output");
            arguments.add(output);
        }
        arguments.addAll(rest);
        return arguments;
    }
}
