package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How far each owner may go, and whom to ask: the owners as an [AllocationPolicy] sees them.
/// Guarded by the ledger's lock.
///
/// Ceilings are worked out when owners, guarantees or the total change, when an owner takes its
/// first memory of a pool, and before a request is refused for its ceiling; so a ceiling may be
/// stale in between, but nobody is refused by a stale one.
final class Owners {
    private final Ledger ledger;
    private final AllocationPolicy policy;

    Owners(Ledger ledger, AllocationPolicy policy) {
        this.ledger = ledger;
        this.policy = policy;
    }

    AllocationPolicy policy() {
        return policy;
    }

    /// Works out how far each owner may go in each pool.
    void changed() {
        ledger.pools().forEach(pool -> refresh(pool, null));
    }

    /// Works out how far each owner may go in a pool.
    ///
    /// @param wanting counts as an owner even if it has nothing yet
    void refresh(MemoryPool pool, @Nullable MemoryScope wanting) {
        Map<Integer, MemoryScope> byId = new HashMap<>();
        Claims claims = claims(pool, null, wanting, byId);
        for (Claimant claimant : claims.claimants()) {
            MemoryScope scope = byId.get(claimant.id());
            if (scope != null) {
                scope.ceilingBytes[pool.index] = policy.ceilingBytes(claimant, claims);
            }
        }
    }

    /// Whether the policy lets the owner have what a new request asks for, beyond what it uses.
    boolean mayHave(Ticket ticket) {
        MemoryScope scope = ticket.lease.scope;
        if (scope.chargedBytes[ticket.pool().index] == 0 || !isAllowed(ticket)) {
            refresh(ticket.pool(), scope);
        }
        if (!isAllowed(ticket)) {
            ledger.charges().takeBackUnused(scope, ticket.pool());
        }
        return isAllowed(ticket);
    }

    /// Looks again at those that wait for their ceiling.
    void reconsider(MemoryPool pool) {
        boolean fresh = false;
        for (Ticket ticket : pool.waiting) {
            if (!fresh && !isAllowed(ticket)) {
                refresh(pool, null);
                fresh = true;
            }
            if (!isAllowed(ticket)) {
                ledger.charges().takeBackUnused(ticket.lease.scope, pool);
            }
        }
    }

    /// Whether the policy lets the owner have that much, as of the last look at it.
    static boolean isAllowed(Ticket ticket) {
        return ticket.bytes <= mayTakeMore(ticket.lease.scope, ticket.pool());
    }

    /// What the policy lets an owner have beyond what it has, in bytes; less than 0 if it has too
    /// much.
    static long mayTakeMore(MemoryScope scope, MemoryPool pool) {
        long ceiling = Math.max(scope.ceilingBytes[pool.index], scope.guaranteedBytes[pool.index]);
        return ceiling - scope.chargedBytes[pool.index];
    }

    static boolean isGuaranteed(Ticket ticket) {
        return beyondGuarantee(ticket) <= 0;
    }

    /// What a request takes of the memory that is for all, in bytes.
    static long beyondGuarantee(Ticket ticket) {
        MemoryScope scope = ticket.lease.scope;
        int pool = ticket.pool().index;
        long unused = scope.guaranteedBytes[pool] - scope.chargedBytes[pool];
        return ticket.bytes - Math.max(0, unused);
    }

    /// Whether there would be room for the request if everybody gave back all they can be made to.
    boolean canEverHave(Ticket ticket) {
        return ticket.bytes <= mostFor(ticket) || isGuaranteed(ticket);
    }

    /// The most that the owner of a request could come to hold, in bytes.
    long mostFor(Ticket ticket) {
        MemoryPool pool = ticket.pool();
        return ledger.lending().mostFor(pool) - guaranteedToOthers(ticket.lease.scope, pool);
    }

    private long guaranteedToOthers(MemoryScope own, MemoryPool pool) {
        long[] sum = {0};
        ledger.forEachScope(
                scope -> sum[0] += scope == own ? 0 : scope.guaranteedBytes[pool.index]);
        return sum[0];
    }

    /// What a scope itself has that could serve a request to the pool, in bytes.
    long servable(MemoryScope scope, MemoryPool pool) {
        long bytes = 0;
        for (MemoryPool from : ledger.pools()) {
            if (ledger.lending().canServe(from, pool)) {
                bytes += scope.chargedBytes[from.index];
            }
        }
        return bytes;
    }

    /// Whom to ask on a rung for what `asker` waits for, in the policy's order, and for how much at
    /// most.
    Map<MemoryScope, Long> victims(Ticket asker, Rung rung) {
        MemoryScope scope = asker.lease.scope;
        Map<Integer, MemoryScope> byId = new HashMap<>();
        Claims claims = claims(asker.pool(), rung, scope, byId);
        Map<MemoryScope, Long> victims = new LinkedHashMap<>();
        for (Claimant claimant : claims.claimants()) {
            if (claimant.id() == scope.id) {
                for (Victim victim : policy.victims(claimant, asker.bytes, claims)) {
                    MemoryScope found = byId.get(victim.claimant().id());
                    if (found != null) {
                        victims.merge(found, victim.bytes(), Long::sum);
                    }
                }
            }
        }
        return victims;
    }

    private Claims claims(
            MemoryPool pool,
            @Nullable Rung rung,
            @Nullable MemoryScope wanting,
            Map<Integer, MemoryScope> byId) {
        Set<MemoryScope> waiting = new HashSet<>();
        pool.waiting.forEach(ticket -> waiting.add(ticket.lease.scope));
        List<Claimant> claimants = new ArrayList<>();
        ledger.forEachScope(
                scope -> {
                    Claimant claimant =
                            claimant(scope, pool, rung, wanting, waiting.contains(scope));
                    boolean claims =
                            scope == wanting
                                    || claimant.waiting()
                                    || claimant.heldBytes() > 0
                                    || claimant.guaranteedBytes() > 0
                                    || claimant.reclaimableBytes() > 0;
                    if (claims && !scope.closed) {
                        claimants.add(claimant);
                        byId.put(scope.id, scope);
                    }
                });
        claimants.sort(Comparator.comparingInt(Claimant::id));
        return new Claims(pool.name(), ledger.lending().reachable(pool), claimants);
    }

    private static Claimant claimant(
            MemoryScope scope,
            MemoryPool pool,
            @Nullable Rung rung,
            @Nullable MemoryScope asker,
            boolean waiting) {
        boolean canAnswer =
                rung != null && scope.doom == null && (scope == asker || scope.answerer() != null);
        return new Claimant(
                scope.id,
                scope.owner(),
                scope.priority,
                scope.chargedBytes[pool.index],
                scope.guaranteedBytes[pool.index],
                rung == null || !canAnswer ? 0 : scope.reclaimable(pool.type(), rung),
                waiting);
    }
}
