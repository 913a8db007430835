package io.aquifer.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `aquifer run JOB`: a job of the user's.
@Command(
        name = "run",
        header = "Run a job: one Java source file, or a jar with a main class.",
        customSynopsis = "aquifer run JOB.java|JOB.jar [options] [-- arguments for the job]",
        description =
                "The job's main method builds a stream and calls execute(). Its JVM is sized so"
                    + " that the whole process stays within --memory; the report at the end shows"
                    + " where memory went. Ctrl-C cancels the job; with --state it takes a last"
                    + " checkpoint and the same command goes on from there. A second Ctrl-C exits"
                    + " at once.")
final class RunCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final CommandWords words;

    @Mixin private final JobOptions options = new JobOptions();

    @Parameters(
            paramLabel = "JOB.java|JOB.jar",
            description = "The job's one source file, or a jar.")
    private String job = "";

    RunCommand(Surroundings surroundings, CommandWords words) {
        this.surroundings = surroundings;
        this.words = words;
    }

    @Override
    public Integer call() {
        Path file = Path.of(job);
        return options.run(
                surroundings,
                file.toString(),
                () -> JobProgram.load(file, surroundings.compiler()),
                words);
    }
}
