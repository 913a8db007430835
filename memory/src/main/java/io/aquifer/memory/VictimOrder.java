package io.aquifer.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/// Collects whom an asker may take from, group after group.
///
/// **Threads.** One; made for one answer of [AllocationPolicy#victims].
final class VictimOrder {
    private final Claimant asker;
    private final List<Victim> victims = new ArrayList<>();

    VictimOrder(Claimant asker) {
        this.asker = asker;
    }

    /// Names those of `candidates` that hold more than their floor: furthest above first, then the
    /// less important, then the younger. The asker is passed over.
    ///
    /// @param floor how far down each may be pushed, at least its guarantee
    void addAbove(List<Claimant> candidates, ToLongFunction<Claimant> floor) {
        List<Victim> group = new ArrayList<>();
        Comparator<Victim> order =
                Comparator.<Victim>comparingLong(
                                victim ->
                                        floor.applyAsLong(victim.claimant())
                                                - victim.claimant().heldBytes())
                        .thenComparingInt(victim -> victim.claimant().priority())
                        .thenComparingInt(victim -> -victim.claimant().id());
        for (Claimant candidate : candidates) {
            long above = candidate.heldBytes() - floor.applyAsLong(candidate);
            long bytes = Math.min(above, candidate.reclaimableBytes()) - named(candidate);
            if (bytes > 0 && candidate.id() != asker.id()) {
                group.add(new Victim(candidate, bytes));
            }
        }
        group.sort(order);
        victims.addAll(group);
    }

    /// All that were named, and last the asker itself if it can give something back.
    List<Victim> thenAsker() {
        if (asker.reclaimableBytes() > 0) {
            victims.add(new Victim(asker, asker.reclaimableBytes()));
        }
        return victims;
    }

    private long named(Claimant claimant) {
        long bytes = 0;
        for (Victim victim : victims) {
            if (victim.claimant().id() == claimant.id()) {
                bytes += victim.bytes();
            }
        }
        return bytes;
    }
}
