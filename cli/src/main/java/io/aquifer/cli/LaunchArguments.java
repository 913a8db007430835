package io.aquifer.cli;

import io.aquifer.memory.MemoryException;
import io.aquifer.memory.MemorySize;

/// What the launcher starts a job's JVM with: the plan's flags, one a line, as an argument file of
/// `java`.
///
/// The launcher runs this once for each pair of `--memory` and `--parallelism` and keeps the
/// output, so a second start is one JVM and not two.
final class LaunchArguments {
    private LaunchArguments() {}

    /// Prints the flags; on a budget or a parallelism that cannot be, prints why and exits with its
    /// code.
    ///
    /// @param args the budget as written or `default`, then the parallelism as written or `auto`
    public static void main(String[] args) {
        try {
            boolean isDefault = args[0].equals("default");
            String memory = isDefault ? MachineMemory.here().defaultBudget() : args[0];
            LaunchPlan plan = plan(memory, args[1]);
            MachineMemory.here().check(plan.totalBytes(), "--memory " + memory);
            StringBuilder lines = new StringBuilder();
            plan.flags().forEach(flag -> lines.append(flag.text()).append('\n'));
            lines.append("-Daquifer.memory.default=").append(isDefault).append('\n');
            System.out.print(lines);
        } catch (CommandException refused) {
            System.err.println("aquifer: " + refused.getMessage());
            System.exit(refused.exitCode().code);
        }
    }

    /// The plan for what the user wrote.
    ///
    /// @throws CommandException if either text cannot be read or the budget is too small
    static LaunchPlan plan(String memory, String parallelism) {
        return LaunchPlan.of(size(memory), slots(parallelism));
    }

    private static MemorySize size(String memory) {
        try {
            return MemorySize.parse(memory);
        } catch (MemoryException unreadable) {
            throw new CommandException(
                    ExitCode.MEMORY, "--memory: " + unreadable.getMessage(), unreadable);
        }
    }

    private static int slots(String parallelism) {
        if (parallelism.equals("auto")) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (!parallelism.matches("[1-9]\\d{0,3}")) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--parallelism: '"
                            + parallelism
                            + "' is not a number from 1 to 9999. Write how many subtasks of an"
                            + " operator may run side by side, or leave it out for one per"
                            + " processor.");
        }
        return Integer.parseInt(parallelism);
    }
}
