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
/// @param targetBytes what the budget is to become: less than the total while memory has to come
///   back first
/// @param pools in the order managed, managed heap, operation, network
/// @param reserveBytes owned by nobody yet
/// @param quarantine memory whose owner did not let go
/// @param pageBytesResident the most that page memory occupies: exact in the mapped mode, whole
///   chunks in the portable mode
/// @param holders every lease that holds something, largest first
/// @param pageMode where pages come from
/// @param pressure how near managed memory is to its end
/// @param arbitration who waits, and by which policy it is decided
public record MemoryStatistics(
        long totalBytes,
        long targetBytes,
        List<PoolStatistics> pools,
        long reserveBytes,
        List<QuarantineStatistics> quarantine,
        long pageBytesResident,
        List<Holder> holders,
        PageMode pageMode,
        Pressure pressure,
        ArbitrationStatistics arbitration) {

    public MemoryStatistics {
        pools = List.copyOf(pools);
        holders = List.copyOf(holders);
        quarantine = List.copyOf(quarantine);
        long quarantined = quarantine.stream().mapToLong(QuarantineStatistics::bytes).sum();
        long sum = quarantined + reserveBytes;
        for (PoolStatistics pool : pools) {
            sum += pool.limitBytes();
        }
        if (sum != totalBytes || reserveBytes < 0 || quarantined < 0) {
            throw new IllegalStateException(
                    "the limits, the reserve ("
                            + reserveBytes
                            + ") and the quarantine ("
                            + quarantined
                            + ") add up to "
                            + sum
                            + " bytes instead of "
                            + totalBytes
                            + ". This is a bug in the ledger.");
        }
    }

    /// Off-heap state.
    public PoolStatistics managed() {
        return pool("managed");
    }

    /// State inside the Java heap.
    public PoolStatistics managedHeap() {
        return pool("managed-heap");
    }

    /// What the engine and the virtual machine need.
    public PoolStatistics operation() {
        return pool("operation");
    }

    /// Data between operators.
    public PoolStatistics network() {
        return pool("network");
    }

    /// The pool of that name.
    ///
    /// @throws IllegalArgumentException if there is none
    public PoolStatistics pool(String name) {
        for (PoolStatistics pool : pools) {
            if (pool.name().equals(name)) {
                return pool;
            }
        }
        throw new IllegalArgumentException(
                "no pool '"
                        + name
                        + "'; there are "
                        + pools.stream().map(PoolStatistics::name).toList());
    }

    public long quarantineBytes() {
        return quarantine.stream().mapToLong(QuarantineStatistics::bytes).sum();
    }

    public long heldBytes() {
        return pools.stream().mapToLong(PoolStatistics::heldBytes).sum();
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
