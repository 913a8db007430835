package io.aquifer.cli;

import io.aquifer.engine.MemoryLimits;
import io.aquifer.engine.MemoryLimits.Limit;

import java.nio.file.Path;

/// What budget this machine, or the container around this process, has room for.
///
/// Immutable; any thread.
record MachineMemory(MemoryLimits limits) {
    private static final long DEFAULT_BYTES = 2L << 30;

    /// The limits of this process.
    static MachineMemory here() {
        return new MachineMemory(MemoryLimits.here());
    }

    static MachineMemory read(Path proc, Path groups) {
        return new MachineMemory(MemoryLimits.read(proc, groups));
    }

    /// Refuses a budget above the smallest limit.
    ///
    /// @throws CommandException if there is such a limit, with its size and place
    void check(long budgetBytes, String budget) {
        for (Limit limit : limits.limits()) {
            if (budgetBytes > limit.bytes() && limit.bytes() == limits.smallestBytes()) {
                throw new CommandException(
                        ExitCode.MEMORY,
                        budget
                                + " is more than "
                                + limit.place()
                                + " of "
                                + Sizes.size(limit.bytes())
                                + ".\nGive at most --memory "
                                + limit.bytes() / Sizes.MIB
                                + "m, less what other programs need, or raise the limit.");
            }
        }
    }

    /// The budget when `--memory` is not given: 2 GiB, or half of what there is when that is less.
    String defaultBudget() {
        long half = limits.smallestBytes() / 2;
        return half >= DEFAULT_BYTES ? Sizes.flag(DEFAULT_BYTES) : half / Sizes.MIB + "m";
    }
}
