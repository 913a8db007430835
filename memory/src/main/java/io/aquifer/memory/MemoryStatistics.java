package io.aquifer.memory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The whole ledger at one moment; every figure is from the same instant.
///
/// **Invariant**, checked when a snapshot is made: the limits of all pools, the reserve and the
/// quarantine add up to the total.
///
/// Immutable; any thread.
///
/// @param totalBytes the budget
/// @param managed off-heap state
/// @param managedHeap state inside the Java heap
/// @param operation what the engine and the virtual machine need
/// @param network data between operators
/// @param reserveBytes owned by nobody yet
/// @param quarantineBytes memory whose owner did not let go
/// @param pageBytesResident the most that page memory occupies: exact in the mapped mode, whole
///   chunks in the portable mode
/// @param holders every lease that holds something, largest first
/// @param pageMode where pages come from
/// @param pressure how near managed memory is to its end
public record MemoryStatistics(
        long totalBytes,
        PoolStatistics managed,
        PoolStatistics managedHeap,
        PoolStatistics operation,
        PoolStatistics network,
        long reserveBytes,
        long quarantineBytes,
        long pageBytesResident,
        List<Holder> holders,
        PageMode pageMode,
        Pressure pressure) {

    public MemoryStatistics {
        holders = List.copyOf(holders);
        long sum =
                managed.limitBytes()
                        + managedHeap.limitBytes()
                        + operation.limitBytes()
                        + network.limitBytes()
                        + reserveBytes
                        + quarantineBytes;
        if (sum != totalBytes || reserveBytes < 0 || quarantineBytes < 0) {
            throw new IllegalStateException(
                    "the limits, the reserve ("
                            + reserveBytes
                            + ") and the quarantine ("
                            + quarantineBytes
                            + ") add up to "
                            + sum
                            + " bytes instead of "
                            + totalBytes
                            + ". This is a bug in the ledger.");
        }
    }

    /// The pools, in the order managed, managed heap, operation, network.
    public List<PoolStatistics> pools() {
        return List.of(managed, managedHeap, operation, network);
    }

    /// The pool of that name.
    ///
    /// @throws IllegalArgumentException if there is none
    public PoolStatistics pool(String name) {
        for (PoolStatistics pool : pools()) {
            if (pool.name().equals(name)) {
                return pool;
            }
        }
        throw new IllegalArgumentException(
                "no pool '"
                        + name
                        + "'; there are "
                        + pools().stream().map(PoolStatistics::name).toList());
    }

    public long heldBytes() {
        return pools().stream().mapToLong(PoolStatistics::heldBytes).sum();
    }

    /// What each owner holds over all pools, largest holder first.
    public Map<String, Long> heldByOwner() {
        Map<String, Long> byOwner = new LinkedHashMap<>();
        for (Holder holder : holders) {
            byOwner.merge(holder.owner(), holder.bytes(), Long::sum);
        }
        return byOwner;
    }
}
