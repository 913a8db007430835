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

    /// What `claimant` could hold if everyone wanted as much as possible, in bytes.
    ///
    /// That is the N-th part of the pool; where a guarantee is larger than that, its owner's share
    /// is the guarantee and the others divide what is left. All shares together fit in the pool
    /// unless the guarantees alone do not.
    public long fairShareBytes(Claimant claimant) {
        return Math.max(claimant.guaranteedBytes(), fairLevel(reachableBytes, claimants));
    }

    /// The highest level for which all larger guarantees and the level for everybody else fit in
    /// `bytes`.
    static long fairLevel(long bytes, List<Claimant> claimants) {
        long level = Math.max(0, bytes / Math.max(1, claimants.size()));
        while (true) {
            long rest = bytes;
            int sharers = 0;
            for (Claimant claimant : claimants) {
                if (claimant.guaranteedBytes() > level) {
                    rest -= claimant.guaranteedBytes();
                } else {
                    sharers++;
                }
            }
            long next = sharers == 0 ? level : Math.max(0, rest / sharers);
            if (next >= level) {
                return level;
            }
            level = next;
        }
    }
}
