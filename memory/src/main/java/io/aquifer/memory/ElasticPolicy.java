package io.aquifer.memory;

import java.util.List;

/// Idle memory is used freely; under contention owners converge to equal shares.
///
/// An asker takes from those further above their fair share than it would be itself, so each step
/// makes holdings more equal and none is ever undone. An asker within its fair share that finds
/// nothing above the others' (because that cannot be given back) takes from those that hold more
/// than it would. Whatever is missing then the asker gives back itself.
final class ElasticPolicy implements AllocationPolicy {
    @Override
    public String name() {
        return "elastic";
    }

    @Override
    public long ceilingBytes(Claimant claimant, Claims claims) {
        return ceiling(claimant, claims);
    }

    @Override
    public List<Victim> victims(Claimant asker, long bytes, Claims claims) {
        VictimOrder order = new VictimOrder(asker);
        if (asker.heldBytes() + bytes <= ceiling(asker, claims)) {
            long level = Claims.fairLevel(claims.reachableBytes(), claims.claimants());
            addMoreEqual(order, asker, bytes, claims.claimants(), level);
        }
        return order.thenAsker();
    }

    /// All of the pool but what others are guaranteed and do not hold.
    static long ceiling(Claimant claimant, Claims claims) {
        return Math.max(
                claimant.guaranteedBytes(),
                claims.reachableBytes() - claims.unusedGuarantees(claimant));
    }

    /// Names those whose loss would make the holdings of `equals` more equal.
    ///
    /// @param level the fair share of those who are guaranteed less
    static void addMoreEqual(
            VictimOrder order, Claimant asker, long bytes, List<Claimant> equals, long level) {
        long after = asker.heldBytes() + bytes;
        long above = Math.max(0, after - Math.max(asker.guaranteedBytes(), level));
        order.addAbove(equals, victim -> Math.max(victim.guaranteedBytes(), level) + above);
        if (after <= asker.guaranteedBytes()) {
            order.addAbove(equals, Claimant::guaranteedBytes);
        } else if (above == 0) {
            order.addAbove(equals, victim -> Math.max(victim.guaranteedBytes(), after));
        }
    }
}
