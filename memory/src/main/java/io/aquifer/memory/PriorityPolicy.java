package io.aquifer.memory;

import java.util.List;

/// More important owners take from less important ones, the least important first, down to their
/// guarantees. Among equals it is as [ElasticPolicy], over what the more important leave them.
final class PriorityPolicy implements AllocationPolicy {
    @Override
    public String name() {
        return "priority";
    }

    @Override
    public long ceilingBytes(Claimant claimant, Claims claims) {
        return ElasticPolicy.ceiling(claimant, claims);
    }

    @Override
    public List<Victim> victims(Claimant asker, long bytes, Claims claims) {
        VictimOrder order = new VictimOrder(asker);
        List<Claimant> all = claims.claimants();
        if (asker.heldBytes() + bytes > ElasticPolicy.ceiling(asker, claims)) {
            return order.thenAsker();
        }
        int[] lower =
                all.stream()
                        .mapToInt(Claimant::priority)
                        .filter(priority -> priority < asker.priority())
                        .sorted()
                        .distinct()
                        .toArray();
        for (int priority : lower) {
            order.addAbove(withPriority(priority, all), Claimant::guaranteedBytes);
        }
        List<Claimant> equals = withPriority(asker.priority(), all);
        ElasticPolicy.addMoreEqual(
                order, asker, bytes, equals, Claims.fairLevel(leftFor(asker, claims), equals));
        if (asker.heldBytes() + bytes <= asker.guaranteedBytes()) {
            order.addAbove(
                    all.stream().filter(other -> other.priority() > asker.priority()).toList(),
                    Claimant::guaranteedBytes);
        }
        return order.thenAsker();
    }

    private static List<Claimant> withPriority(int priority, List<Claimant> all) {
        return all.stream().filter(claimant -> claimant.priority() == priority).toList();
    }

    /// What the asker and its equals could have together: all but what more important ones hold or
    /// are guaranteed and what less important ones are guaranteed.
    private static long leftFor(Claimant asker, Claims claims) {
        long left = claims.reachableBytes();
        for (Claimant other : claims.claimants()) {
            if (other.priority() > asker.priority()) {
                left -= Math.max(other.heldBytes(), other.guaranteedBytes());
            } else if (other.priority() < asker.priority()) {
                left -= other.guaranteedBytes();
            }
        }
        return left;
    }
}
