package io.aquifer.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `aquifer demo NAME`: a job that comes with Aquifer.
@Command(
        name = "demo",
        header = "Run a job that comes with Aquifer, on data that comes with it.",
        description = {
            "flights    flight delays by airport and hour, in event time, with the rejects counted",
            "wordcount  the words of a text, counted"
        })
final class DemoCommand implements Callable<Integer> {
    private static final List<Demo> DEMOS =
            List.of(
                    new Demo("flights", "io.aquifer.examples.Flights"),
                    new Demo("wordcount", "io.aquifer.examples.WordCount"));

    private final Surroundings surroundings;

    @Parameters(index = "0", paramLabel = "NAME", description = "flights or wordcount")
    private String name = "";

    @Parameters(index = "1..*", paramLabel = "ARGS", description = "After --: arguments for the job itself.")
    private List<String> rest = new ArrayList<>();

    @Mixin private JobOptions options = new JobOptions();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text.")
    private boolean help;

    DemoCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        Demo demo =
                DEMOS.stream()
                        .filter(known -> known.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new CommandException(
                                                ExitCode.USAGE,
                                                "there is no demo '" + name + "'; there are "
                                                        + String.join(" and ", DEMOS.stream().map(Demo::name).toList())
                                                        + ".\nTry: aquifer demo flights"));
        return surroundings
                .jobRun(options)
                .run(
                        "demo " + name,
                        () -> JobProgram.named(name, demo.className()),
                        options.jobArguments(defaultInput(name), rest))
                .code;
    }

    /// The demo's own data, or null to let the demo decide.
    private @Nullable String defaultInput(String demo) {
        Path data = surroundings.home().resolve("examples").resolve("data").resolve(demo);
        return Files.exists(data) ? data.toString() : null;
    }

    private record Demo(String name, String className) {}
}
