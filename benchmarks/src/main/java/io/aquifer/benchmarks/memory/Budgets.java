package io.aquifer.benchmarks.memory;

import io.aquifer.memory.AllocationPolicy;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryOptions;
import io.aquifer.memory.MemoryPlan;

/// The budgets that are measured: managed memory and a reserve it grows into, nothing else.
final class Budgets {
    static final long MIB = 1L << 20;
    static final int PAGE_BYTES = MemoryManager.PAGE_SIZE_BYTES;

    /// The policy that every manager has without being asked.
    static final String ELASTIC = "elastic";

    private Budgets() {}

    static MemoryManager create(long managedBytes) {
        return create(managedBytes, 0);
    }

    static MemoryManager create(long managedBytes, long reserveBytes) {
        return create(managedBytes, reserveBytes, ELASTIC);
    }

    /// The only place where a measurement's manager is made.
    ///
    /// @param policy the name of an allocation policy
    /// @throws io.aquifer.memory.MemoryConfigurationException if there is no such policy
    static MemoryManager create(long managedBytes, long reserveBytes, String policy) {
        return MemoryManager.create(
                new MemoryPlan(managedBytes + reserveBytes, managedBytes, 0, 0, 0, 0, reserveBytes),
                MemoryOptions.DEFAULTS.withPolicy(AllocationPolicy.parse(policy)));
    }
}
