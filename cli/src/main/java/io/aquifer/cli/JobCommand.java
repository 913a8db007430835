package io.aquifer.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `aquifer run JOB` and `aquifer demo NAME`: a job of the user's, or one that comes with Aquifer.
///
/// `--memory` and `--parallelism` are read by the launcher, before there is a JVM to size; they are declared here so
/// that they are accepted and explained.
final class JobCommand {
    private static final Option INPUT = new Option("--input", null, "PATH", "Passed to the job as --input PATH.");
    private static final Option OUTPUT = new Option("--output", null, "PATH", "Passed to the job as --output PATH.");
    private static final Option JSON =
            new Option("--json", null, null, "No progress; the report as one JSON object.");
    private static final Option STACKTRACE =
            new Option("--stacktrace", null, null, "Show every call when the job fails (or AQUIFER_TRACE=1).");
    private static final List<Option> OPTIONS =
            List.of(
                    new Option("--memory", "-m", "SIZE", "What the process may take: 512m, 2g; 2048 is MiB (default 2g)."),
                    new Option("--parallelism", "-p", "N", "Subtasks of an operator side by side (default: processors)."),
                    INPUT,
                    OUTPUT,
                    JSON,
                    STACKTRACE,
                    Option.HELP);

    static final Command RUN =
            new Command(
                    "run",
                    "JOB.java|JOB.jar [options] [-- arguments for the job]",
                    "Run a job: one Java source file, or a jar with a main class.",
                    List.of(
                            "The job's main method builds a stream and calls execute(). Its JVM is sized so that the",
                            "whole process stays within --memory; the report at the end shows where memory went.",
                            "Ctrl-C cancels the job, a second one exits at once."),
                    OPTIONS,
                    1,
                    1);

    static final Command DEMO =
            new Command(
                    "demo",
                    "flights|wordcount [options] [-- arguments for the job]",
                    "Run a job that comes with Aquifer, on data that comes with it.",
                    List.of(
                            "  flights    flight delays in event-time windows, bad rows rejected and counted",
                            "  wordcount  the words of a text, counted"),
                    OPTIONS,
                    1,
                    1);

    private static final List<Demo> DEMOS =
            List.of(
                    new Demo("flights", "io.aquifer.examples.Flights"),
                    new Demo("wordcount", "io.aquifer.examples.WordCount"));

    private final Surroundings surroundings;
    private final Words words;

    JobCommand(Surroundings surroundings, Words words) {
        this.surroundings = surroundings;
        this.words = words;
    }

    ExitCode run() {
        Path file = Path.of(words.operands().getFirst());
        return jobRun().run(
                file.toString(), () -> JobProgram.load(file, surroundings.compiler()), arguments());
    }

    ExitCode demo() {
        String name = words.operands().getFirst();
        List<String> names = DEMOS.stream().map(Demo::name).toList();
        for (Demo demo : DEMOS) {
            if (demo.name().equals(name)) {
                return jobRun().run(
                        "demo " + name, () -> JobProgram.named(name, demo.className()), arguments());
            }
        }
        throw Words.usage(DEMO, "there is no demo '" + name + "'; there are " + String.join(" and ", names));
    }

    private JobRun jobRun() {
        return new JobRun(
                surroundings.out(), surroundings.err(), surroundings.environment(), words.has(JSON), words.has(STACKTRACE));
    }

    /// The job's arguments: input, output, then what follows `--` as written.
    private List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (words.has(INPUT)) {
            arguments.addAll(List.of("--input", words.value(INPUT, "")));
        }
        if (words.has(OUTPUT)) {
            arguments.addAll(List.of("--output", words.value(OUTPUT, "")));
        }
        arguments.addAll(words.rest());
        return arguments;
    }

    private record Demo(String name, String className) {}
}
