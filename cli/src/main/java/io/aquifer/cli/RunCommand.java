package io.aquifer.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `aquifer run JOB`: a source file or a jar.
@Command(
        name = "run",
        header = "Run a job: one Java source file, or a jar with a main class.",
        description = {
            "The job's main method builds a stream and calls execute(). Its JVM is sized so that the whole process stays"
                    + " within --memory; the report at the end shows where the memory went.",
            "Ctrl-C cancels the job; a second one exits at once."
        })
final class RunCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(index = "0", paramLabel = "JOB", description = "Job.java or job.jar")
    private Path job = Path.of("");

    @Parameters(index = "1..*", paramLabel = "ARGS", description = "After --: arguments for the job itself.")
    private List<String> rest = new ArrayList<>();

    @Mixin private JobOptions options = new JobOptions();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text.")
    private boolean help;

    RunCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        return surroundings
                .jobRun(options)
                .run(job.toString(), () -> JobProgram.load(job, surroundings.compiler()), options.jobArguments(null, rest))
                .code;
    }
}
