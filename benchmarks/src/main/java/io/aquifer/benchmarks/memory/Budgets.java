package io.aquifer.benchmarks.memory;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;

/// The budgets that are measured: managed memory and a reserve it grows into, nothing else.
final class Budgets {
    static final long MIB = 1L << 20;
    static final int PAGE_BYTES = MemoryManager.PAGE_SIZE_BYTES;

    /// The one policy that every manager has without being asked.
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
    /// @throws IllegalArgumentException if managers cannot be given that policy
    static MemoryManager create(long managedBytes, long reserveBytes, String policy) {
        if (!policy.equals(ELASTIC)) {
            throw new IllegalArgumentException(
                    "a manager's policy is '" + ELASTIC + "'; it cannot be given '" + policy + "'");
        }
        return MemoryManager.create(
                new MemoryPlan(
                        managedBytes + reserveBytes, managedBytes, 0, 0, 0, 0, reserveBytes));
    }
}
