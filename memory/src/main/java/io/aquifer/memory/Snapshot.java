package io.aquifer.memory;

import io.aquifer.memory.space.AddressSpace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes statistics of a ledger. Called with its lock held.
final class Snapshot {
    private static final String SEPARATOR = " / ";

    private Snapshot() {}

    static MemoryStatistics of(Ledger ledger) {
        List<Holder> holders = new ArrayList<>();
        long[] held = new long[Ledger.POOLS];
        ledger.forEachLease(
                lease -> {
                    long bytes = lease.held();
                    if (bytes > 0) {
                        held[lease.pool.index] += bytes;
                        holders.add(new Holder(lease.ownerText(), lease.pool.name(), bytes));
                    }
                });
        holders.sort(Comparator.comparingLong(Holder::bytes).reversed());
        List<PoolStatistics> pools = new ArrayList<>();
        int waiting = 0;
        for (MemoryPool pool : ledger.pools()) {
            pools.add(pool.statistics(held[pool.index]));
            waiting += pool.waiting.size();
        }
        List<QuarantineStatistics> quarantine = new ArrayList<>();
        for (MemoryScope scope : ledger.quarantined()) {
            Quarantine kept = scope.quarantine;
            if (kept != null) {
                List<String> threads = kept.threads().stream().map(Thread::getName).toList();
                quarantine.add(new QuarantineStatistics(scope.owner(), kept.totalBytes(), threads));
            }
        }
        MemoryPool managed = ledger.managed;
        Arbiter arbiter = ledger.arbiter();
        return new MemoryStatistics(
                ledger.totalBytes(),
                ledger.targetBytes(),
                pools,
                ledger.reserveBytes(),
                quarantine,
                ledger.pages().space().residentBytes(),
                holders,
                AddressSpace.MAPPED ? PageMode.MAPPED : PageMode.PORTABLE,
                Pressure.of(
                        held[managed.index],
                        managed.limitBytes + ledger.lending().roomFor(managed)),
                new ArbitrationStatistics(
                        arbiter.owners().policy().name(),
                        waiting,
                        arbiter.longestWaitNanos(),
                        arbiter.lastRungs().isThrottling()));
    }

    static MemoryNode tree(Ledger ledger) {
        List<MemoryNode> pools = new ArrayList<>();
        long held = 0;
        for (MemoryPool pool : ledger.pools()) {
            List<MemoryNode> owners = new ArrayList<>();
            for (MemoryScope root : ledger.roots()) {
                MemoryNode node = scope(root, root.owner(), pool);
                if (node.heldBytes() > 0 || node.guaranteedBytes() > 0) {
                    owners.add(node);
                }
            }
            long sum = owners.stream().mapToLong(MemoryNode::heldBytes).sum();
            held += sum;
            pools.add(
                    new MemoryNode(
                            pool.name(),
                            MemoryNode.Kind.POOL,
                            pool.limitBytes,
                            sum,
                            sum(owners, true),
                            sum(owners, false),
                            owners));
        }
        return new MemoryNode(
                "budget",
                MemoryNode.Kind.BUDGET,
                ledger.totalBytes(),
                held,
                sum(pools, true),
                sum(pools, false),
                pools);
    }

    private static long sum(List<MemoryNode> nodes, boolean guaranteed) {
        return nodes.stream()
                .mapToLong(guaranteed ? MemoryNode::guaranteedBytes : MemoryNode::reclaimableBytes)
                .sum();
    }

    private static MemoryNode scope(MemoryScope scope, String name, MemoryPool pool) {
        List<MemoryNode> children = new ArrayList<>();
        for (MemoryScope child : scope.children) {
            String childName = child.owner().substring(scope.owner().length() + SEPARATOR.length());
            MemoryNode node = scope(child, childName, pool);
            if (node.heldBytes() > 0 || node.guaranteedBytes() > 0) {
                children.add(node);
            }
        }
        Part parts = new Part();
        for (Lease lease : scope.leases) {
            if (lease.pool == pool && lease.held() > 0) {
                parts.add(lease.name, lease.held());
            }
        }
        children.addAll(parts.nodes());
        long reclaimable = sum(children, false);
        for (Rung rung : Rung.values()) {
            reclaimable += scope.reclaimable(pool.type(), rung);
        }
        long held = children.stream().mapToLong(MemoryNode::heldBytes).sum();
        return new MemoryNode(
                name,
                MemoryNode.Kind.SCOPE,
                claims(scope, pool) ? scope.ceilingBytes[pool.index] : -1,
                held,
                scope.guaranteedBytes[pool.index] + sum(children, true),
                Math.min(held, reclaimable),
                children);
    }

    /// Whether a scope has something of a pool itself, so that the policy says how much it may
    /// have.
    private static boolean claims(MemoryScope scope, MemoryPool pool) {
        return scope.chargedBytes[pool.index] > 0 || scope.guaranteedBytes[pool.index] > 0;
    }

    /// Leases by the parts of their names.
    private static final class Part {
        private final Map<String, Part> parts = new LinkedHashMap<>();
        private long leaseBytes;

        void add(String name, long bytes) {
            int end = name.indexOf(SEPARATOR);
            String first = end < 0 ? name : name.substring(0, end);
            Part part = parts.computeIfAbsent(first, ignored -> new Part());
            if (end < 0) {
                part.leaseBytes += bytes;
            } else {
                part.add(name.substring(end + SEPARATOR.length()), bytes);
            }
        }

        List<MemoryNode> nodes() {
            List<MemoryNode> nodes = new ArrayList<>();
            parts.forEach((name, part) -> nodes.add(part.node(name)));
            return nodes;
        }

        private MemoryNode node(String name) {
            List<MemoryNode> below = nodes();
            if (!below.isEmpty() && leaseBytes > 0) {
                below.add(leaf("itself", leaseBytes));
            }
            if (below.isEmpty()) {
                return leaf(name, leaseBytes);
            }
            long held = below.stream().mapToLong(MemoryNode::heldBytes).sum();
            return new MemoryNode(name, MemoryNode.Kind.PART, -1, held, 0, 0, below);
        }

        private static MemoryNode leaf(String name, long bytes) {
            return new MemoryNode(name, MemoryNode.Kind.LEASE, -1, bytes, 0, 0, List.of());
        }
    }
}
