package io.aquifer.memory;

/// A size or a plan that cannot be met as it was written; the message says what to write instead.
public final class MemoryConfigurationException extends MemoryException {
    private static final long serialVersionUID = 1L;
    private static final String EXAMPLES =
            "Write a number of MiB (\"2048\") or a number with a unit (\"2g\", \"1536m\", \"512k\","
                    + " \"1.5g\").";

    private MemoryConfigurationException(String message) {
        super(message);
    }

    /// A budget that cannot be had, told by whoever divides it.
    ///
    /// @param message complete: what was asked for, what there is, what to change
    public static MemoryConfigurationException refused(String message) {
        return new MemoryConfigurationException(message);
    }

    static MemoryConfigurationException unreadableSize(String text) {
        return new MemoryConfigurationException(
                "cannot read '" + text + "' as a memory size. " + EXAMPLES);
    }

    static MemoryConfigurationException sizeTooLarge(String text) {
        return new MemoryConfigurationException(
                "memory size '"
                        + text
                        + "' is more than 8,388,608 TiB, the largest size there is. "
                        + EXAMPLES);
    }

    static MemoryConfigurationException negativeSize(long bytes) {
        return new MemoryConfigurationException(
                "a memory size cannot be negative, got " + bytes + " bytes. " + EXAMPLES);
    }

    static MemoryConfigurationException negativeShare(String shares, long total) {
        return new MemoryConfigurationException(
                "a memory plan needs a total above 0 and no share below 0, got "
                        + shares
                        + " of a total of "
                        + total
                        + " bytes. Raise --memory or env.setMemory.");
    }

    static MemoryConfigurationException sharesDoNotAddUp(String shares, long sum, long total) {
        return new MemoryConfigurationException(
                "the shares of a memory plan must add up to its total: "
                        + shares
                        + " = "
                        + sum
                        + " bytes, but the total is "
                        + total
                        + " bytes ("
                        + (sum > total ? "over by " : "short by ")
                        + MemorySize.text(Math.abs(sum - total))
                        + "). Change the reserve by the difference.");
    }

    static MemoryConfigurationException networkMinimumAboveLimit(long minimum, long limit) {
        return new MemoryConfigurationException(
                "the network minimum ("
                        + MemorySize.text(minimum)
                        + ") exceeds the network memory ("
                        + MemorySize.text(limit)
                        + "). Lower aquifer.memory.network.min or raise the budget.");
    }

    static MemoryConfigurationException cannotReserve(long bytes, String reason) {
        return new MemoryConfigurationException(
                "cannot reserve "
                        + MemorySize.text(bytes)
                        + " of address space for pages: "
                        + reason
                        + ". Lower --memory or env.setMemory, lift the limit on address space"
                        + " (ulimit -v, vm.overcommit_memory), or run with"
                        + " -Daquifer.memory.mode=portable.");
    }

    static MemoryConfigurationException guaranteesAboveReach(
            String owner,
            long bytes,
            MemoryPool pool,
            long reachableBytes,
            long chargedBytes,
            long guaranteedUnusedBytes) {
        return new MemoryConfigurationException(
                "'"
                        + owner
                        + "' cannot be guaranteed "
                        + MemorySize.text(bytes)
                        + " of pool '"
                        + pool.name()
                        + "': it can reach "
                        + MemorySize.text(reachableBytes)
                        + ", of which "
                        + MemorySize.text(chargedBytes)
                        + " are held and "
                        + MemorySize.text(guaranteedUnusedBytes)
                        + " guaranteed to others. Lower the guarantee or the number of tasks, or"
                        + " raise --memory or env.setMemory.");
    }

    static MemoryConfigurationException totalOutOfRange(long bytes, long least, long most) {
        return new MemoryConfigurationException(
                "the budget cannot become "
                        + MemorySize.text(bytes)
                        + ": it can be from "
                        + MemorySize.text(least)
                        + " (what the Java heap and the virtual machine were given, and the least"
                        + " network memory) to "
                        + MemorySize.text(most)
                        + " (what addresses were reserved for at the start).");
    }
}
