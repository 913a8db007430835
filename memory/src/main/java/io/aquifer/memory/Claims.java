package io.aquifer.memory;

import java.util.List;

/// Who holds and wants what of one pool, at one moment.
///
/// @param pool the pool's name
/// @param reachableBytes the most the pool can hold: its limit, the reserve, and what it may borrow
/// @param claimants every open owner that holds, wants or is guaranteed something, oldest first
public record Claims(String pool, long reachableBytes, List<Claimant> claimants) {
    public Claims {
        claimants = List.copyOf(claimants);
    }

    /// What is guaranteed to others than `claimant` and not held by them, in bytes.
    public long unusedGuarantees(Claimant claimant) {
        long unused = 0;
        for (Claimant other : claimants) {
            if (other.id() != claimant.id()) {
                unused += Math.max(0, other.guaranteedBytes() - other.heldBytes());
            }
        }
        return unused;
    }
}
