package io.aquifer.memory;

import java.util.Comparator;
import java.util.List;

final class ElasticPolicy implements AllocationPolicy {
    @Override
    public String name() {
        return "elastic";
    }

    @Override
    public long ceilingBytes(Claimant claimant, Claims claims) {
        return claims.reachableBytes() - claims.unusedGuarantees(claimant);
    }

    @Override
    public List<Claimant> victims(Claimant asker, Claims claims) {
        return claims.claimants().stream()
                .filter(claimant -> claimant.reclaimableBytes() > 0)
                .sorted(Comparator.comparingLong(Claimant::heldBytes).reversed())
                .toList();
    }
}
