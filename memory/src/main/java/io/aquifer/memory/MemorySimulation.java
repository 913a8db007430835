package io.aquifer.memory;

import io.aquifer.memory.RecordedTrace.Step;
import io.aquifer.memory.SimulatedOwner.State;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/// Replays a trace under one policy in virtual time.
///
/// A request is granted when the policy's ceiling and the free memory allow it and no earlier
/// waiter is in the way. Otherwise an optional request is refused at once; a required one has the
/// policy name victims, waits while they give back, and fails its owner after
/// [ReplayCosts#waitNanosMax]. A victim spills at the speed of the one disk, and its own steps are
/// later by as much. What was given back is kept for the one who asked.
///
/// A waiter may be passed [#PASSED_MAX] times by later ones that need less; then free memory is for
/// it, and later ones have only what is guaranteed to them or given back for them. Who waits at its
/// own ceiling is helped by no free memory and is in nobody's way. When all wait and nothing is
/// coming, that bound begins anew, because what the first waits for may be what those behind it
/// would release.
///
/// A request that was optional and refused when it was recorded is judged and not held, since the
/// trace has no release of it.
///
/// The model knows nothing of records: owners influence each other by memory alone, and reading
/// spilled state again costs nothing.
///
/// **Threads.** One. The same trace, policy and costs give the same outcome.
final class MemorySimulation {
    static final int PASSED_MAX = 16;

    private final RecordedTrace trace;
    private final AllocationPolicy policy;
    private final ReplayCosts costs;
    private final SimulatedPools pools;
    private final Map<Integer, SimulatedOwner> open = new TreeMap<>();
    private final Map<Integer, SimulatedOwner> owners = new TreeMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final PriorityQueue<Due> agenda =
            new PriorityQueue<>(
                    Comparator.comparingLong(Due::nanos)
                            .thenComparingInt(Due::kind)
                            .thenComparingLong(Due::order));
    private long now;
    private long diskFreeNanos;
    private long lastOrder;
    private int timeouts;

    MemorySimulation(RecordedTrace trace, AllocationPolicy policy, ReplayCosts costs) {
        this.trace = trace;
        this.policy = policy;
        this.costs = costs;
        pools = new SimulatedPools(trace.plan());
    }

    /// Something to do at a time; of the same time memory comes back first and waits end last.
    private record Due(long nanos, int kind, long order, Runnable action) {
        static final int GIVEN_BACK = 0;
        static final int STEP = 1;
        static final int TIMEOUT = 2;
    }

    /// A required request that found no room.
    private static final class Waiter {
        final SimulatedOwner owner;
        final String pool;
        final long bytes;
        final long recordedNanos;
        final long sinceNanos;
        int passed;
        boolean isAtCeiling;

        /// Given back for it and not to be had by others.
        long keptBytes;

        /// Still to be given back for it.
        long comingBytes;

        Waiter(SimulatedOwner owner, String pool, long bytes, long recordedNanos, long now) {
            this.owner = owner;
            this.pool = pool;
            this.bytes = bytes;
            this.recordedNanos = recordedNanos;
            this.sinceNanos = now;
        }
    }

    /// Runs to the end of the trace.
    PolicyOutcome run() {
        for (int i = 0; i < trace.steps().size(); i++) {
            int id = trace.steps().get(i).owner();
            owners.computeIfAbsent(id, SimulatedOwner::new).steps.add(i);
        }
        owners.values().forEach(this::scheduleNext);
        for (Due due = agenda.poll(); due != null; due = agenda.poll()) {
            now = due.nanos();
            timeouts -= due.kind() == Due.TIMEOUT ? 1 : 0;
            due.action().run();
            if (agenda.size() == timeouts && !waiters.isEmpty()) {
                waiters.forEach(waiter -> waiter.passed = 0);
                serveWaiters();
            }
        }
        return PolicyOutcome.of(
                policy,
                List.copyOf(owners.values()),
                pools,
                owners.values().stream().mapToLong(owner -> owner.endedNanos).max().orElse(0));
    }

    private void scheduleNext(SimulatedOwner owner) {
        if (owner.nextStep < owner.steps.size()) {
            long due = Math.max(now, owner.dueNanos(trace.steps()));
            int step = owner.steps.get(owner.nextStep);
            agenda.add(new Due(due, Due.STEP, step, () -> step(owner)));
        }
    }

    private void step(SimulatedOwner owner) {
        if (owner.dueNanos(trace.steps()) > now) {
            scheduleNext(owner); // it was asked to give back meanwhile
            return;
        }
        Step step = trace.steps().get(owner.steps.get(owner.nextStep++));
        switch (step.event()) {
            case TraceEvent.Opened e -> {
                owner.name = e.name();
                owner.priority = e.priority();
                owner.openedNanos = now;
                open.put(owner.id, owner);
            }
            case TraceEvent.Guaranteed e ->
                    owner.holding(e.pool(), now).guaranteedBytes = e.bytes();
            case TraceEvent.Requested e -> request(owner, e, step);
            case TraceEvent.Released e -> {
                SimulatedHolding holding = owner.holding(e.pool(), now);
                long before = holding.heldBytes();
                holding.release(e.bytes(), now);
                pools.charge(e.pool(), holding.heldBytes() - before);
                serveWaiters();
            }
            case TraceEvent.Reclaimable e -> {
                owner.holding(e.pool(), now).setReclaimable(e.rung(), e.bytes());
                serveWaiters();
            }
            case TraceEvent.Closed _ -> end(owner);
            default -> throw new IllegalStateException("a step cannot be " + step.event());
        }
        if (owner.state == State.RUNNING) {
            scheduleNext(owner);
        }
    }

    private void request(SimulatedOwner owner, TraceEvent.Requested request, Step step) {
        String pool = request.pool();
        SimulatedHolding holding = owner.holding(pool, now);
        holding.asked = true;
        Claims claims = claims(pool, owner);
        Claimant asker = claimant(owner, claims);
        long missing = missing(asker, claims, request.bytes(), 0, waiters);
        boolean granted = missing <= 0;
        if (!request.required() && !step.granted()) {
            owner.refusals += granted ? 0 : 1;
            owner.delayNanos -= step.waitedNanos();
        } else if (granted) {
            waiters.stream()
                    .filter(waiter -> SimulatedPools.shareRoom(waiter.pool, pool))
                    .forEach(waiter -> waiter.passed++);
            grant(owner, pool, request.bytes());
            owner.delayNanos -= step.waitedNanos();
        } else if (!request.required()) {
            owner.refusals++;
            holding.refuse(request.bytes(), now);
            owner.delayNanos -= step.waitedNanos();
        } else {
            Waiter waiter = new Waiter(owner, pool, request.bytes(), step.waitedNanos(), now);
            owner.state = State.WAITING;
            owner.waitsFor = pool;
            waiters.add(waiter);
            timeouts++;
            agenda.add(
                    new Due(
                            now + costs.waitNanosMax(),
                            Due.TIMEOUT,
                            ++lastOrder,
                            () -> timeOut(waiter)));
            ask(waiter, claims, asker, missing);
        }
    }

    private void grant(SimulatedOwner owner, String pool, long bytes) {
        owner.holding(pool, now).grant(bytes, now);
        pools.charge(pool, bytes);
    }

    /// How much must be given back before the policy and the free memory allow a request; not above
    /// 0 when they do.
    ///
    /// @param kept what is kept for this request
    /// @param before who waits longer
    private long missing(
            Claimant claimant, Claims claims, long bytes, long kept, List<Waiter> before) {
        String pool = claims.pool();
        long allowed = policy.ceilingBytes(claimant, claims) - claimant.heldBytes();
        boolean isGuaranteed = claimant.heldBytes() + bytes <= claimant.guaranteedBytes();
        if (!isGuaranteed
                && before.stream()
                        .anyMatch(
                                waiter ->
                                        waiter.passed >= PASSED_MAX
                                                && !waiter.isAtCeiling
                                                && SimulatedPools.shareRoom(waiter.pool, pool))) {
            return bytes - Math.min(kept, allowed);
        }
        long keptForOthers = -kept;
        for (Waiter waiter : waiters) {
            if (SimulatedPools.shareRoom(waiter.pool, pool)) {
                keptForOthers += waiter.keptBytes;
            }
        }
        long available = pools.freeBytes(pool) - keptForOthers - claims.unusedGuarantees(claimant);
        return bytes - Math.min(available, allowed);
    }

    /// Grants what fits now, in the order of waiting, and asks on behalf of those that still wait.
    private void serveWaiters() {
        List<Waiter> before = new ArrayList<>();
        for (Waiter waiter : List.copyOf(waiters)) {
            Claims claims = claims(waiter.pool, waiter.owner);
            Claimant asker = claimant(waiter.owner, claims);
            long missing = missing(asker, claims, waiter.bytes, waiter.keptBytes, before);
            if (missing <= 0) {
                before.stream()
                        .filter(earlier -> SimulatedPools.shareRoom(earlier.pool, waiter.pool))
                        .forEach(earlier -> earlier.passed++);
                answer(waiter);
            } else {
                before.add(waiter);
                ask(waiter, claims, asker, missing);
            }
        }
    }

    private void answer(Waiter waiter) {
        waiters.remove(waiter);
        grant(waiter.owner, waiter.pool, waiter.bytes);
        long waited = now - waiter.sinceNanos;
        SimulatedOwner owner = waiter.owner;
        owner.waited(waited);
        owner.delayNanos += waited - waiter.recordedNanos + Math.max(0, owner.busyUntilNanos - now);
        owner.state = State.RUNNING;
        owner.waitsFor = null;
        scheduleNext(owner);
    }

    private void timeOut(Waiter waiter) {
        if (waiters.remove(waiter)) {
            waiter.owner.waited(now - waiter.sinceNanos);
            waiter.owner.failedNanos = now;
            end(waiter.owner);
        }
    }

    private void end(SimulatedOwner owner) {
        owner.holdings.forEach(
                (pool, holding) -> {
                    pools.charge(pool, -holding.heldBytes());
                    holding.releaseAll(now);
                });
        owner.state = State.ENDED;
        owner.waitsFor = null;
        owner.endedNanos = now;
        open.remove(owner.id);
        serveWaiters();
    }

    /// Asks victims for what the waiter lacks and nobody was asked for yet.
    private void ask(Waiter waiter, Claims claims, Claimant asker, long lacking) {
        waiter.isAtCeiling = asker.heldBytes() + waiter.bytes > policy.ceilingBytes(asker, claims);
        long missing = lacking - waiter.comingBytes;
        missing -= reclaim(waiter, claims, asker, waiter.bytes, missing);
        long lent = Math.min(missing, pools.lentBytes(waiter.pool, waiter.bytes));
        if (lent > 0) {
            Claims lenders = claims(pools.lender(waiter.pool), waiter.owner);
            reclaim(waiter, lenders, claimant(waiter.owner, lenders), lent, lent);
        }
    }

    /// @return how much is coming
    private long reclaim(Waiter waiter, Claims claims, Claimant asker, long bytes, long missing) {
        long coming = 0;
        if (missing > 0) {
            for (Victim victim : policy.victims(asker, bytes, claims)) {
                long take = Math.min(victim.bytes(), missing - coming);
                SimulatedOwner owner = open.get(victim.claimant().id());
                if (take > 0 && owner != null) {
                    coming += take;
                    reclaim(waiter, owner, claims.pool(), take);
                }
            }
        }
        return coming;
    }

    private void reclaim(Waiter waiter, SimulatedOwner victim, String pool, long bytes) {
        SimulatedHolding holding = victim.holding(pool, now);
        Map<Rung, Long> parts = new LinkedHashMap<>();
        long left = bytes;
        for (Rung rung : Rung.values()) {
            long part = Math.min(left, holding.reclaimableBytes(rung));
            if (part > 0) {
                parts.put(rung, part);
                holding.promise(rung, part);
                left -= part;
            }
        }
        long asked = now + (victim == waiter.owner ? 1 : costs.askNanos());
        long spilled = parts.getOrDefault(Rung.SPILL, 0L);
        long done = asked;
        if (spilled > 0) {
            done = Math.max(asked, diskFreeNanos) + costs.spillNanos(spilled);
            diskFreeNanos = done;
        }
        if (victim.state == State.RUNNING) {
            victim.delayNanos += done - asked;
        }
        victim.busyUntilNanos = Math.max(victim.busyUntilNanos, done);
        waiter.comingBytes += bytes;
        agenda.add(
                new Due(
                        done,
                        Due.GIVEN_BACK,
                        ++lastOrder,
                        () -> giveBack(waiter, victim, pool, parts, bytes)));
    }

    private void giveBack(
            Waiter waiter, SimulatedOwner victim, String pool, Map<Rung, Long> parts, long bytes) {
        SimulatedHolding holding = victim.holding(pool, now);
        long given = 0;
        for (Map.Entry<Rung, Long> part : parts.entrySet()) {
            long one = holding.giveBack(part.getKey(), part.getValue(), now);
            if (part.getKey() == Rung.SPILL) {
                victim.spilledBytes += one;
                waiter.owner.spilledForItBytes += one;
            }
            given += one;
        }
        pools.charge(pool, -given);
        waiter.comingBytes -= bytes;
        waiter.keptBytes = Math.min(waiter.bytes, waiter.keptBytes + given);
        serveWaiters();
    }

    /// Who has to do with the pool now; `asker` always has. What others are giving back already
    /// counts as not theirs, so that nobody is asked twice for the same.
    private Claims claims(String pool, SimulatedOwner asker) {
        List<Claimant> claimants = new ArrayList<>();
        for (SimulatedOwner owner : open.values()) {
            SimulatedHolding holding = owner.holdings.get(pool);
            boolean waiting = pool.equals(owner.waitsFor);
            if (owner == asker
                    || waiting
                    || (holding != null && holding.heldBytes() + holding.guaranteedBytes > 0)) {
                SimulatedHolding has = owner.holding(pool, now);
                claimants.add(
                        new Claimant(
                                owner.id,
                                owner.name,
                                owner.priority,
                                has.heldBytes() - (owner == asker ? 0 : has.promisedBytes()),
                                has.guaranteedBytes,
                                has.reclaimableBytes(),
                                waiting));
            }
        }
        return new Claims(pool, pools.reachableBytes(pool), claimants);
    }

    private static Claimant claimant(SimulatedOwner owner, Claims claims) {
        for (Claimant claimant : claims.claimants()) {
            if (claimant.id() == owner.id) {
                return claimant;
            }
        }
        throw new IllegalStateException("owner " + owner.id + " is not open");
    }
}
