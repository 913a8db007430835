package io.aquifer.cli;

import java.util.List;
import java.util.Locale;

/// `aquifer memory SIZE`: the split and the flags, exactly as a job would get them.
final class MemoryCommand {
    private static final Option SLOTS =
            new Option("--slots", "-s", "N", "Subtasks side by side (default: processors).");
    private static final Option JSON = new Option("--json", null, null, "One JSON object, sizes in bytes.");

    static final Command COMMAND =
            new Command(
                    "memory",
                    "[SIZE] [options]",
                    "Show how a budget is divided, and the JVM flags that hold it.",
                    List.of(
                            "SIZE is 512m, 2g and so on; a number alone is MiB (default 2g). The figures are those a job",
                            "started with the same --memory and --parallelism gets."),
                    List.of(SLOTS, JSON, Option.HELP),
                    0,
                    1);

    private final Surroundings surroundings;
    private final Words words;

    MemoryCommand(Surroundings surroundings, Words words) {
        this.surroundings = surroundings;
        this.words = words;
    }

    ExitCode run() {
        String memory = words.operands().isEmpty() ? MachineMemory.here().defaultBudget() : words.operands().getFirst();
        LaunchPlan plan = LaunchArguments.plan(memory, words.value(SLOTS, "auto"));
        if (words.has(JSON)) {
            surroundings.out().println(JsonText.of(plan));
        } else {
            print(plan, Screen.of(surroundings.out(), surroundings.environment()));
        }
        return ExitCode.OK;
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
