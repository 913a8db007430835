package io.aquifer.engine;

import io.aquifer.memory.AllocationPolicy;
import io.aquifer.memory.MemoryConfigurationException;
import io.aquifer.memory.MemoryOptions;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemorySize;

import org.jspecify.annotations.Nullable;

/// Turns the budget given into a [MemoryPlan].
///
/// The launcher has split it already and says so by system properties, since it derived the JVM's
/// flags from the same split. In a host's JVM the split is made here: the host's heap is not part
/// of it, but what heap state is charged is.
final class MemoryBudget {
    static final String TOTAL = "aquifer.memory.size";
    static final String MANAGED = "aquifer.memory.managed.size";
    static final String MANAGED_HEAP = "aquifer.memory.managed.heap.size";
    static final String OPERATION = "aquifer.memory.operation.size";
    static final String NETWORK = "aquifer.memory.network.size";
    static final String NETWORK_MIN = "aquifer.memory.network.min";
    static final String RESERVE = "aquifer.memory.reserve.size";

    /// What of operation memory the virtual machine's areas other than the heap take, at their
    /// caps.
    static final String MACHINE = "aquifer.memory.jvm.size";

    /// The allocation policy.
    static final String POLICY = "aquifer.memory.policy";

    /// The most that the budget may grow to while the process runs.
    static final String CEILING = "aquifer.memory.ceiling";

    /// Managed memory that each subtask with keyed state is guaranteed.
    static final String TASK_MIN = "aquifer.memory.task.min";

    /// The least that a job in a host's JVM can be given.
    static final long LEAST_BYTES = 16L << 20;

    /// What a job in a host's JVM gets that says nothing.
    static final long DEFAULT_BYTES = 512L << 20;

    /// What a subtask with keyed state may always hold, so that it gets on however much others
    /// took: enough for its tables' first pages.
    private static final long GUARANTEE_OF_TASK = 256L << 10;

    private static final long NETWORK_LEAST = 4L << 20;
    private static final long NETWORK_MOST = 64L << 20;
    private static final long NETWORK_KEEPS = 2L << 20;

    private MemoryBudget() {}

    /// Managed memory that each subtask with keyed state is guaranteed, in bytes.
    static long guaranteeOfTask() {
        String asked = System.getProperty(TASK_MIN);
        return asked == null ? GUARANTEE_OF_TASK : MemorySize.parse(asked).bytes();
    }

    /// How memory is shared, as system properties say.
    static MemoryOptions options(MemoryPlan plan) {
        String policy = System.getProperty(POLICY);
        String ceiling = System.getProperty(CEILING);
        MemoryOptions options = MemoryOptions.DEFAULTS;
        if (policy != null) {
            options = options.withPolicy(AllocationPolicy.parse(policy));
        }
        if (ceiling != null) {
            long bytes = MemorySize.parse(ceiling).bytes();
            if (bytes < plan.totalBytes()) {
                throw MemoryConfigurationException.refused(
                        "%s is %s, below the budget of %s. It is the most that the budget may grow to; leave it out, or give more."
                                .formatted(
                                        CEILING,
                                        new MemorySize(bytes),
                                        new MemorySize(plan.totalBytes())));
            }
            options = options.withCeiling(bytes);
        }
        return options;
    }

    /// Whether the launcher started this JVM and gave it a budget.
    static boolean isLaunched() {
        return System.getProperty(TOTAL) != null;
    }

    /// @param asked the job's `setMemory`, or null
    static MemoryPlan forJob(@Nullable String asked) {
        Long wanted = asked == null ? null : MemorySize.parse(asked).bytes();
        return isLaunched() ? launched(wanted) : hosted(wanted == null ? DEFAULT_BYTES : wanted);
    }

    private static MemoryPlan launched(@Nullable Long wanted) {
        long total = property(TOTAL);
        long managed = property(MANAGED);
        if (wanted != null && wanted > total) {
            throw MemoryConfigurationException.refused(
                    ("setMemory asks for %s, but the process was started with a budget of %s. Start"
                         + " it with --memory %dm, or let setMemory ask for no more than that.")
                            .formatted(
                                    new MemorySize(wanted), new MemorySize(total), wanted >> 20));
        }
        long less = wanted == null ? 0 : total - wanted;
        long reserve = property(RESERVE);
        long fromReserve = Math.min(less, reserve);
        long fromManaged = less - fromReserve;
        if (fromManaged > 0 && managed - fromManaged < managed / 8) {
            throw MemoryConfigurationException.refused(
                    ("setMemory asks for %s of the process's %s, which leaves no managed memory"
                         + " beside what the JVM itself was given. Ask for at least %s, or start"
                         + " the process with that --memory.")
                            .formatted(
                                    new MemorySize(total - less),
                                    new MemorySize(total),
                                    new MemorySize(total - reserve - managed + managed / 8)));
        }
        return new MemoryPlan(
                total - less,
                managed - fromManaged,
                property(MANAGED_HEAP),
                property(OPERATION),
                property(NETWORK),
                property(NETWORK_MIN),
                reserve - fromReserve);
    }

    private static MemoryPlan hosted(long total) {
        if (total < LEAST_BYTES) {
            throw MemoryConfigurationException.refused(
                    "setMemory asks for %s, but a job needs at least %s. Give it more, for example setMemory(\"512\")."
                            .formatted(new MemorySize(total), new MemorySize(LEAST_BYTES)));
        }
        long network = Math.clamp(total / 16, NETWORK_LEAST, NETWORK_MOST);
        long operation = total / 8;
        long managedHeap = Math.min(total / 4, Runtime.getRuntime().maxMemory() / 3);
        long reserve = total / 16;
        long managed = total - network - operation - managedHeap - reserve;
        return new MemoryPlan(
                total,
                managed,
                managedHeap,
                operation,
                network,
                Math.min(NETWORK_KEEPS, network),
                reserve);
    }

    private static long property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException(
                    "system property "
                            + name
                            + " is missing though "
                            + TOTAL
                            + " is set; the launcher sets both");
        }
        return Long.parseLong(value);
    }
}
