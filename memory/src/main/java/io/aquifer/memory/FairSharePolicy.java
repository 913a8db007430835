package io.aquifer.memory;

import java.util.List;

/// Spark's rule for N owners: everyone may hold 1/N, and nobody is held below 1/2N.
///
/// Who held more before N grew gives it back to whoever asks within its own share. An asker that
/// would not hold more than 1/2N takes, if that is not enough, from all that do.
final class FairSharePolicy implements AllocationPolicy {
    @Override
    public String name() {
        return "fair-share";
    }

    @Override
    public long ceilingBytes(Claimant claimant, Claims claims) {
        return claims.fairShareBytes(claimant);
    }

    @Override
    public List<Victim> victims(Claimant asker, long bytes, Claims claims) {
        VictimOrder order = new VictimOrder(asker);
        long level = Claims.fairLevel(claims.reachableBytes(), claims.claimants());
        long after = asker.heldBytes() + bytes;
        if (after <= Math.max(asker.guaranteedBytes(), level)) {
            order.addAbove(claims.claimants(), victim -> Math.max(victim.guaranteedBytes(), level));
        }
        if (after <= asker.guaranteedBytes()) {
            order.addAbove(claims.claimants(), Claimant::guaranteedBytes);
        } else if (after <= level / 2) {
            order.addAbove(
                    claims.claimants(), victim -> Math.max(victim.guaranteedBytes(), level / 2));
        }
        return order.thenAsker();
    }
}
