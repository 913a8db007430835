package io.aquifer.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `aquifer memory SIZE`: the split and the flags, exactly as a job would get them.
@Command(
        name = "memory",
        header = "Show how a budget is divided, and the JVM flags that hold it.",
        description = "The figures are those a job started with the same --memory and --parallelism gets.")
final class MemoryCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(index = "0", arity = "0..1", paramLabel = "SIZE", description = "The budget: 512m, 2g; a number alone is MiB. Default: 1g.")
    private String memory = LaunchPlan.DEFAULT_MEMORY;

    @Option(names = {"-s", "--slots"}, paramLabel = "N", description = "Subtasks side by side. Default: one per processor.")
    private String slots = "auto";

    @Option(names = "--json", description = "One JSON object, sizes in bytes.")
    private boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text.")
    private boolean help;

    MemoryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        LaunchPlan plan = LaunchArguments.plan(memory, slots);
        if (json) {
            surroundings.out().println(JsonText.of(plan));
        } else {
            print(plan, Screen.of(surroundings.out(), surroundings.environment()));
        }
        return ExitCode.OK.code;
    }

    private static void print(LaunchPlan plan, Screen screen) {
        long operation = plan.operationBytes();
        screen.line(screen.bold(Sizes.size(plan.totalBytes()) + " for the whole process, " + plan.slots()
                + (plan.slots() == 1 ? " slot" : " slots")));
        screen.line("");
        screen.line(screen.bold(String.format(Locale.ROOT, "%-22s %10s  %6s", "part", "MiB", "share")));
        for (MemoryPart part : MemoryPart.values()) {
            if (part == MemoryPart.HEAP) {
                screen.line(row("operation memory", operation, plan.totalBytes(), "what the engine and the JVM need to run, of which:"));
            }
            screen.line(row((part.isOperation() ? "  " : "") + part.label, plan.share(part), plan.totalBytes(), part.meaning));
        }
        screen.line(row("total", plan.totalBytes(), plan.totalBytes(), "managed + network + reserve + operation"));
        screen.line("");
        screen.line(screen.bold("JVM flags"));
        for (LaunchPlan.Flag flag : plan.flags()) {
            screen.line(String.format(Locale.ROOT, "%-48s %s", flag.text(), screen.dim(flag.why())));
        }
    }

    private static String row(String label, long bytes, long total, String meaning) {
        return String.format(Locale.ROOT, "%-22s %10s  %5.1f%%  %s", label, Sizes.mebi(bytes), 100.0 * bytes / total, meaning);
    }
}
