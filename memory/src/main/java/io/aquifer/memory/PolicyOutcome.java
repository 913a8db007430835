package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What a policy made of a trace.
///
/// @param policy its name
/// @param makespanNanos until the last owner ended
/// @param pools those in which anybody asked for memory, managed memory first
/// @param owners in the order of their numbers
/// @param unmatchedPatterns owner patterns of the policy that fit nobody
record PolicyOutcome(
        String policy,
        long makespanNanos,
        List<PoolOutcome> pools,
        List<OwnerOutcome> owners,
        List<String> unmatchedPatterns) {

    /// One pool under the policy.
    ///
    /// @param mostBytes the most it could ever hold
    /// @param heldBytes what it held on average until the last owner ended
    /// @param jain Jain's index of what the owners that asked here held on average while they were
    ///   open: 1 when all had the same, 1/N when one had all
    record PoolOutcome(String pool, long mostBytes, long heldBytes, long peakBytes, double jain) {
        /// The part of the pool that was used on average, from 0 to 1.
        double utilisation() {
            return mostBytes == 0 ? 0 : (double) heldBytes / mostBytes;
        }
    }

    /// One owner under the policy, over all pools.
    ///
    /// @param heldBytes on average while it was open
    /// @param wantedBytes what it would have held on average, had it always been given what it
    ///   asked for and never given back
    /// @param spilledBytes what it wrote to disk to give back
    /// @param spilledForItBytes what was written to disk because it asked
    /// @param refusals optional requests that found no room
    /// @param failedNanos when a required request of it waited in vain, and it failed
    record OwnerOutcome(
            String name,
            int priority,
            long heldBytes,
            long peakBytes,
            long wantedBytes,
            int waits,
            long waitedNanos,
            long waitedNanosMax,
            long spilledBytes,
            long spilledForItBytes,
            int refusals,
            @Nullable Long failedNanos) {}

    static PolicyOutcome of(
            AllocationPolicy policy,
            Collection<SimulatedOwner> owners,
            SimulatedPools pools,
            long makespanNanos) {
        List<PoolOutcome> used = new ArrayList<>();
        for (String pool : TraceFormat.POOLS) {
            List<SimulatedOwner> asked = owners.stream().filter(o -> hasAsked(o, pool)).toList();
            if (!asked.isEmpty()) {
                used.add(of(pool, asked, pools, makespanNanos));
            }
        }
        return new PolicyOutcome(
                policy.name(),
                makespanNanos,
                used,
                owners.stream().map(PolicyOutcome::of).toList(),
                policy.unmatchedPatterns(owners.stream().map(owner -> owner.name).toList()));
    }

    private static PoolOutcome of(
            String pool, List<SimulatedOwner> asked, SimulatedPools pools, long makespanNanos) {
        double byteNanos = 0;
        double sum = 0;
        double squares = 0;
        for (SimulatedOwner owner : asked) {
            SimulatedHolding holding = owner.holding(pool, 0);
            double held = holding.heldByteNanos() / lifetime(owner);
            byteNanos += holding.heldByteNanos();
            sum += held;
            squares += held * held;
        }
        return new PoolOutcome(
                pool,
                pools.mostBytes(pool),
                Math.round(byteNanos / Math.max(1, makespanNanos)),
                pools.peakBytes(pool),
                squares == 0 ? 1 : sum * sum / (asked.size() * squares));
    }

    private static OwnerOutcome of(SimulatedOwner owner) {
        double held = 0;
        double wanted = 0;
        long peak = 0;
        for (SimulatedHolding holding : owner.holdings.values()) {
            held += holding.heldByteNanos();
            wanted += holding.wantedByteNanos();
            peak += holding.peakBytes();
        }
        return new OwnerOutcome(
                owner.name,
                owner.priority,
                Math.round(held / lifetime(owner)),
                peak,
                Math.round(wanted / lifetime(owner)),
                owner.waits,
                owner.waitedNanos,
                owner.waitedNanosMax,
                owner.spilledBytes,
                owner.spilledForItBytes,
                owner.refusals,
                owner.failedNanos);
    }

    private static boolean hasAsked(SimulatedOwner owner, String pool) {
        SimulatedHolding holding = owner.holdings.get(pool);
        return holding != null && holding.asked;
    }

    private static double lifetime(SimulatedOwner owner) {
        return Math.max(1, owner.endedNanos - owner.openedNanos);
    }
}
