package io.aquifer.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Locale;
import java.util.concurrent.Callable;

/// `aquifer memory SIZE`: the split and the flags, exactly as a job would get them.
@Command(
        name = "memory",
        header = "Show how a budget is divided, and the JVM flags that hold it.",
        customSynopsis = {
            "aquifer memory [SIZE] [options]",
            "       aquifer memory replay TRACE [options]"
        },
        description =
                "The figures are those a job started with the same --memory and --parallelism"
                        + " gets.")
final class MemoryCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Parameters(
            arity = "0..1",
            paramLabel = "SIZE",
            description = {
                "The budget: 512m, 2g; 2048 is MiB",
                "(default: 2g, half of the machine when that is less)."
            })
    private @Nullable String size;

    @Option(
            names = {"-s", "--slots"},
            paramLabel = "N",
            description = "Subtasks side by side (default: processors).")
    private String slots = "auto";

    @Option(names = "--json", arity = "0", description = "One JSON object, sizes in bytes.")
    private boolean json;

    MemoryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Whether the command line asks for a plan, by a size or an option of this command.
    boolean isAsked() {
        return size != null || json || !slots.equals("auto");
    }

    @Override
    public Integer call() {
        String memory = size == null ? MachineMemory.here().defaultBudget() : size;
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
        screen.line(
                screen.bold(
                        Sizes.size(plan.totalBytes())
                                + " for the whole process, "
                                + plan.slots()
                                + (plan.slots() == 1 ? " slot" : " slots")));
        screen.line("");
        screen.line(
                screen.bold(String.format(Locale.ROOT, "%-22s %10s  %6s", "part", "MiB", "share")));
        for (MemoryPart part : MemoryPart.values()) {
            if (part == MemoryPart.HEAP) {
                screen.line(
                        row(
                                "operation memory",
                                operation,
                                plan.totalBytes(),
                                "what the engine and the JVM need to run, of which:"));
            }
            screen.line(
                    row(
                            (part.isOperation() ? "  " : "") + part.label,
                            plan.share(part),
                            plan.totalBytes(),
                            part.meaning));
        }
        screen.line(
                row(
                        "total",
                        plan.totalBytes(),
                        plan.totalBytes(),
                        "managed + network + reserve + operation"));
        screen.line("");
        screen.line(screen.bold("JVM flags"));
        for (LaunchPlan.Flag flag : plan.flags()) {
            screen.line(
                    String.format(Locale.ROOT, "%-48s %s", flag.text(), screen.dim(flag.why())));
        }
    }

    private static String row(String label, long bytes, long total, String meaning) {
        return String.format(
                Locale.ROOT,
                "%-22s %10s  %5.1f%%  %s",
                label,
                Sizes.mebi(bytes),
                100.0 * bytes / total,
                meaning);
    }
}
