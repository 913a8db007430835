package io.aquifer.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.util.Map;
import java.util.concurrent.Callable;

/// `aquifer demo NAME`: a job that comes with Aquifer.
@Command(
        name = "demo",
        header = "Run a job that comes with Aquifer, on data that comes with it.",
        customSynopsis = "aquifer demo flights|wordcount [options] [-- arguments for the job]")
final class DemoCommand implements Callable<Integer> {
    private static final Map<String, String> CLASSES =
            Map.of(
                    "flights",
                    "io.aquifer.examples.Flights",
                    "wordcount",
                    "io.aquifer.examples.WordCount");

    private final Surroundings surroundings;
    private final CommandWords words;

    @Mixin private final JobOptions options = new JobOptions();

    @Parameters(
            paramLabel = "flights|wordcount",
            description = {
                "flights: delays in event-time windows, bad rows rejected and counted;",
                "wordcount: the words of a text, counted."
            })
    private String name = "";

    DemoCommand(Surroundings surroundings, CommandWords words) {
        this.surroundings = surroundings;
        this.words = words;
    }

    @Override
    public Integer call() {
        String className = CLASSES.get(name);
        if (className == null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "there is no demo '"
                            + name
                            + "'; there are flights and wordcount.\n"
                            + "`aquifer demo --help` shows what there is.");
        }
        if (name.equals("wordcount")) {
            // The job's code names a directory that means something to a reader only.
            options.defaultState(options.output("out").resolve("state"));
        }
        return options.run(
                surroundings, "demo " + name, () -> JobProgram.named(name, className), words);
    }
}
