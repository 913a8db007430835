package io.aquifer.memory;

import java.util.HashMap;
import java.util.Map;

/// How much each pool holds and could hold in a simulation: the rules of the plan.
///
/// Managed memory may use the reserve and what the network does not hold above its minimum; the
/// network may use the reserve and its own share, as far as managed memory leaves it. Heap pools
/// have their share and nothing else.
///
/// **Invariant**: what off-heap pools hold fits in the plan's off-heap bytes, and managed memory
/// leaves the network its minimum.
final class SimulatedPools {
    private static final String MANAGED = "managed";
    private static final String NETWORK = "network";

    private final MemoryPlan plan;
    private final Map<String, Long> held = new HashMap<>();
    private final Map<String, Long> peak = new HashMap<>();

    SimulatedPools(MemoryPlan plan) {
        this.plan = plan;
    }

    /// Counts `bytes` more, or fewer when it is negative.
    void charge(String pool, long bytes) {
        long now = heldBytes(pool) + bytes;
        held.put(pool, now);
        if (now < 0
                || now > mostBytes(pool)
                || heldBytes(MANAGED) + heldBytes(NETWORK) > plan.offHeapBytes()) {
            throw new IllegalStateException(
                    "the simulation broke its own plan: pool '"
                            + pool
                            + "' would hold "
                            + now
                            + " of "
                            + mostBytes(pool)
                            + " bytes. This is a bug in the simulation.");
        }
        peak.merge(pool, now, Math::max);
    }

    long peakBytes(String pool) {
        return peak.getOrDefault(pool, 0L);
    }

    long heldBytes(String pool) {
        return held.getOrDefault(pool, 0L);
    }

    /// The most that `pool` can hold now.
    long reachableBytes(String pool) {
        return switch (pool) {
            case MANAGED ->
                    plan.offHeapBytes() - Math.max(plan.networkMinBytes(), heldBytes(NETWORK));
            case NETWORK ->
                    Math.max(
                            plan.networkBytes(),
                            Math.min(
                                    plan.networkBytes() + plan.reserveBytes(),
                                    plan.offHeapBytes() - heldBytes(MANAGED)));
            default -> mostBytes(pool);
        };
    }

    /// The most that `pool` can ever hold.
    long mostBytes(String pool) {
        return switch (pool) {
            case MANAGED -> plan.offHeapBytes() - plan.networkMinBytes();
            case NETWORK -> plan.networkBytes() + plan.reserveBytes();
            case "managed-heap" -> plan.managedHeapBytes();
            default -> plan.operationBytes();
        };
    }

    /// What can be taken now without asking anybody.
    long freeBytes(String pool) {
        long free = reachableBytes(pool) - heldBytes(pool);
        return pool.equals(NETWORK)
                ? Math.min(free, plan.offHeapBytes() - heldBytes(MANAGED) - heldBytes(NETWORK))
                : free;
    }

    /// Whether both pools are pages, so that room in one is room in the other.
    static boolean shareRoom(String one, String other) {
        return one.equals(other) || (isOffHeap(one) && isOffHeap(other));
    }

    /// Whose owners to ask when `pool` itself has nobody to ask: managed memory, when the network
    /// wants back what it lent.
    String lender(String pool) {
        return pool.equals(NETWORK) ? MANAGED : pool;
    }

    /// How much of `bytes` more the pool may have of what it lent.
    long lentBytes(String pool, long bytes) {
        return pool.equals(NETWORK)
                ? Math.clamp(plan.networkBytes() - heldBytes(NETWORK), 0, bytes)
                : 0;
    }

    private static boolean isOffHeap(String pool) {
        return pool.equals(MANAGED) || pool.equals(NETWORK);
    }
}
