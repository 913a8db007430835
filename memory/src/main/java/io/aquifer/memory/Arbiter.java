package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/// Who gets memory when there is too little: the queue of requests that wait, and the ladder of
/// what is done about them.
///
/// A state machine without a thread: it moves when memory is asked for, comes back, an owner
/// answers, or a waiting thread looks at the clock ([#tick]). So the same code runs under a
/// deterministic schedule in tests.
///
/// | Rung | What is taken                                              | By whom                        |
/// |------|------------------------------------------------------------|--------------------------------|
/// | 1    | the reserve, and idle limit of the other off-heap pool      | the ledger, at once            |
/// | 2    | released pages still resident, grants that nobody uses      | the ledger, at once            |
/// | 3    | idle pages that belong to nobody's thread                   | the asking thread, at once     |
/// | 4-7  | [Rung], in its order                                        | the owner's thread, when it answers |
/// | 8    | time: sources are slowed, since others may finish           | [Throttle]                     |
/// | 9    | the youngest job of the lowest priority                     | its thread, by an exception    |
///
/// **Liveness.** A waiting thread holds no lock and answers requests of its own scope while it
/// waits. An owner that does not answer in time is passed over. Memory that comes back is assigned
/// to the first waiter; a smaller request may go before it, but only [#SKIPS_MAX] times. When
/// nobody is left who could give anything back, a request fails at once, and otherwise at its
/// deadline, with everything that was tried.
///
/// The order of the rungs and the assignment to waiters are those of Velox's arbitrator; that the
/// owner's own thread gives memory back, between two records, is not: no thread is ever suspended.
final class Arbiter {
    /// How often smaller requests may go before the first in the queue.
    static final int SKIPS_MAX = 64;

    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    /// The least that is asked of an owner, as far as it has that much.
    private static final long ASK_LEAST_BYTES = 16 * PAGE;

    private final Ledger ledger;
    private final MemoryOptions options;
    private final MemoryEvents events = new MemoryEvents();
    private final List<Reclaimer> shared = new CopyOnWriteArrayList<>();
    private final List<Throttle> throttles = new CopyOnWriteArrayList<>();
    private boolean throttling;
    private long longestWaitNanos;

    Arbiter(Ledger ledger, MemoryOptions options) {
        this.ledger = ledger;
        this.options = options;
    }

    MemoryEvents events() {
        return events;
    }

    AllocationPolicy policy() {
        return options.policy();
    }

    long longestWaitNanos() {
        return longestWaitNanos;
    }

    boolean isThrottling() {
        return throttling;
    }

    void addThrottle(Throttle throttle) {
        throttles.add(throttle);
    }

    void removeThrottle(Throttle throttle) {
        throttles.remove(throttle);
    }

    void addShared(Reclaimer reclaimer) {
        shared.add(reclaimer);
    }

    void removeShared(Reclaimer reclaimer) {
        shared.remove(reclaimer);
    }

    // Rung 3, without the lock.

    /// Whether there is idle memory that any thread may free for a request to the pool.
    boolean canAskShared(MemoryPool pool) {
        if (pool != ledger.managed) {
            return false;
        }
        for (Reclaimer reclaimer : shared) {
            if (reclaimer.reclaimableBytes() > 0) {
                return true;
            }
        }
        return false;
    }

    /// Frees idle memory that belongs to nobody's thread. Called without the ledger's lock.
    void askShared(long bytes) {
        long left = bytes;
        for (Reclaimer reclaimer : shared) {
            long idle = reclaimer.reclaimableBytes();
            if (idle > 0 && left > 0) {
                reclaimer.reclaim(Math.max(left, ASK_LEAST_BYTES));
                left -= idle;
            }
        }
    }

    // The rest is called with the ledger's lock held, but for await and serve.

    /// Grants a request that needs nobody's help and takes nobody's turn.
    boolean grantAtOnce(Ticket ticket) {
        MemoryPool pool = ticket.pool();
        MemoryScope scope = ticket.lease.scope;
        Ticket overtaken = overtaken(firstWaiting(pool), ticket);
        if (!isAllowed(ticket)) {
            ledger.takeBackUnused(scope, pool);
        }
        if (overtaken != null && !mayOvertake(overtaken, ticket)
                || !isAllowed(ticket)
                || !ledger.ensureRoom(scope, pool, ticket.bytes)
                || !ledger.give(ticket)) {
            return false;
        }
        if (overtaken != null) {
            overtaken.skipped++;
        }
        for (MemoryScope.Registration registration : scope.registrations) {
            registration.dry = false;
        }
        return true;
    }

    /// The waiting request that `ticket` would go before, or null if it takes nobody's turn.
    private static @Nullable Ticket overtaken(@Nullable Ticket first, Ticket ticket) {
        boolean turn =
                first == null
                        || isGuaranteed(ticket)
                        || first.lease.scope == ticket.lease.scope;
        return turn ? null : first;
    }

    private static boolean mayOvertake(Ticket first, Ticket ticket) {
        return first.skipped < SKIPS_MAX && ticket.bytes < first.bytes;
    }

    private static boolean isGuaranteed(Ticket ticket) {
        MemoryScope scope = ticket.lease.scope;
        int pool = ticket.pool().index;
        return scope.chargedBytes[pool] + ticket.bytes <= scope.guaranteedBytes[pool];
    }

    /// Whether the policy lets the owner have that much.
    private static boolean isAllowed(Ticket ticket) {
        MemoryScope scope = ticket.lease.scope;
        int pool = ticket.pool().index;
        long ceiling = Math.max(scope.ceilingBytes[pool], scope.guaranteedBytes[pool]);
        return ticket.bytes <= ceiling - scope.chargedBytes[pool];
    }

    /// The first request that waits for room rather than for its own ceiling.
    private static @Nullable Ticket firstWaiting(MemoryPool pool) {
        for (Ticket ticket : pool.waiting) {
            if (isAllowed(ticket)) {
                return ticket;
            }
        }
        return null;
    }

    /// Lets a request wait that could not be granted, if it may and there is a point in it.
    void denyOrEnqueue(Ticket ticket, boolean required) {
        if (ticket.state == Ticket.State.DENIED) {
            if (!required) {
                ticket.failure = null;
            }
            return;
        }
        MemoryScope scope = ticket.lease.scope;
        if (scope.doom != null && required) {
            ticket.deny(scope.doom);
        } else if (!required) {
            ticket.deny(null);
        } else {
            long now = options.nanoClock().getAsLong();
            ticket.sinceNanos = now;
            ticket.deadlineNanos = now + options.waitNanos();
            ticket.pool().waiting.add(ticket);
            scope.waiting = ticket;
            climb(ticket.pool(), now);
            judge(now);
            ticket.parked = ticket.state == Ticket.State.WAITING;
        }
    }

    /// Memory may have come back, limits may have moved: grants what waits, and goes on asking.
    void settle() {
        if (ledger.totalBytes() > ledger.targetBytes()) {
            ledger.shrinkTotal();
        }
        boolean granted = false;
        for (MemoryPool pool : ledger.pools()) {
            if (!pool.waiting.isEmpty()) {
                granted |= assign(pool);
                ledger.updateScarcity(pool);
            }
        }
        if (granted) {
            releaseThrottle();
        }
    }

    private boolean assign(MemoryPool pool) {
        boolean granted = false;
        Ticket first = null;
        for (Iterator<Ticket> queue = pool.waiting.iterator(); queue.hasNext(); ) {
            Ticket ticket = queue.next();
            MemoryScope scope = ticket.lease.scope;
            Ticket overtaken = overtaken(first, ticket);
            if (overtaken != null && !mayOvertake(overtaken, ticket) || !isAllowed(ticket)) {
                continue;
            }
            if (ledger.ensureRoom(scope, pool, ticket.bytes)) {
                granted |= ledger.give(ticket);
                queue.remove();
                finished(ticket);
                if (overtaken != null) {
                    overtaken.skipped++;
                }
            } else if (first == null) {
                first = ticket;
            }
        }
        return granted;
    }

    private void finished(Ticket ticket) {
        ticket.lease.scope.waiting = null;
        if (ticket.parked) {
            long waited = options.nanoClock().getAsLong() - ticket.sinceNanos;
            longestWaitNanos = Math.max(longestWaitNanos, waited);
            events.waited(ticket, waited);
            LockSupport.unpark(ticket.thread);
        }
    }

    // The ladder.

    /// Asks owners for what the queue needs beyond what was asked already, cheapest rung first.
    private void climb(MemoryPool pool, long now) {
        Ticket first = firstWaiting(pool);
        Ticket asker = first != null ? first : pool.waiting.peek();
        if (asker == null) {
            return;
        }
        long need = -inFlight();
        for (Ticket ticket : pool.waiting) {
            need += ticket.bytes;
        }
        for (Rung rung : Rung.values()) {
            if (need <= 0) {
                return;
            }
            need -= ask(asker, pool, rung, need, now);
        }
    }

    private long ask(Ticket asker, MemoryPool pool, Rung rung, long need, long now) {
        Map<Integer, MemoryScope> byId = new HashMap<>();
        Claims claims = claims(pool, rung, asker.lease.scope, byId);
        long asked = 0;
        Claimant self = claimant(asker.lease.scope, pool, rung, true);
        boolean ownCeiling = !isAllowed(asker);
        List<Claimant> victims =
                ownCeiling ? List.of(self) : policy().victims(self, claims);
        for (Claimant victim : victims) {
            MemoryScope scope = byId.get(victim.id());
            if (asked >= need || scope == null || scope.ask != null) {
                continue;
            }
            long bytes = Math.min(scope.reclaimable(rung), Math.max(need - asked, ASK_LEAST_BYTES));
            if (bytes > 0) {
                post(scope, new MemoryScope.Ask(pool, rung, bytes, now));
                asker.tried.add(
                        "asked '%s' for %s (%s)"
                                .formatted(scope.owner(), MemorySize.text(bytes), rung));
                asked += bytes;
            }
        }
        return asked;
    }

    private void post(MemoryScope scope, MemoryScope.Ask ask) {
        scope.ask = ask;
        scope.asked = true;
        events.asked(scope, ask);
        Ticket own = scope.waiting;
        if (own != null) {
            LockSupport.unpark(own.thread);
        }
        scope.wakeThread();
    }

    /// What owners were asked for and are expected to give.
    private long inFlight() {
        long[] bytes = {0};
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    bytes[0] += ask == null || ask.passedOver ? 0 : ask.bytes;
                });
        return bytes[0];
    }

    /// Answers for a scope, on its thread and without the lock.
    void serve(MemoryScope scope) {
        List<MemoryScope.Registration> candidates = new ArrayList<>();
        MemoryScope.Ask ask =
                ledger.read(
                        () -> {
                            MemoryExhaustedException doom = scope.doom;
                            if (doom != null) {
                                throw doom;
                            }
                            candidates.addAll(scope.registrations);
                            return scope.ask;
                        });
        if (ask == null) {
            return;
        }
        candidates.sort(Comparator.comparing(candidate -> candidate.reclaimer.rung()));
        long start = options.nanoClock().getAsLong();
        long[] before = new long[1];
        long left = ask.bytes;
        try {
            for (MemoryScope.Registration candidate : candidates) {
                Reclaimer reclaimer = candidate.reclaimer;
                if (left <= 0 || reclaimer.rung().compareTo(ask.upTo) > 0) {
                    break;
                }
                before[0] = ledger.readLong(() -> charged(scope));
                if (reclaimer.reclaimableBytes() > 0) {
                    reclaimer.reclaim(left);
                }
                long freed = ledger.readLong(() -> before[0] - takeUnused(scope));
                if (freed <= 0) {
                    ledger.run(() -> candidate.dry = true);
                }
                left -= Math.max(0, freed);
            }
        } finally {
            long given = ask.bytes - left;
            ledger.run(() -> answered(scope, ask, given, start));
        }
    }

    private static long charged(MemoryScope scope) {
        long sum = 0;
        for (long bytes : scope.chargedBytes) {
            sum += bytes;
        }
        return sum;
    }

    /// Takes back what the scope no longer uses.
    ///
    /// @return what it is charged for then
    private long takeUnused(MemoryScope scope) {
        for (Lease lease : scope.leases) {
            if (lease instanceof PageLease pageLease) {
                ledger.takeBack(pageLease, true);
            }
        }
        return charged(scope);
    }

    private void answered(MemoryScope scope, MemoryScope.Ask ask, long given, long startNanos) {
        if (scope.ask == ask) {
            scope.ask = null;
            scope.asked = scope.doom != null;
        }
        long now = options.nanoClock().getAsLong();
        events.answered(scope, ask, given, now - startNanos);
        note(
                ask.pool,
                "'%s' gave %s".formatted(scope.owner(), MemorySize.text(Math.max(0, given))));
        settle();
        climb(ask.pool, now);
        judge(now);
    }

    private static void note(MemoryPool pool, String what) {
        Ticket first = pool.waiting.peek();
        if (first != null) {
            first.tried.add(what);
        }
    }

    /// Time has passed: passes over who did not answer, and ends waits that lead nowhere.
    void tick() {
        long now = options.nanoClock().getAsLong();
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    if (ask != null
                            && !ask.passedOver
                            && now - ask.atNanos >= options.answerNanos()) {
                        ask.passedOver = true;
                        note(
                                ask.pool,
                                "'%s' did not answer in %,d ms"
                                        .formatted(
                                                scope.owner(), (now - ask.atNanos) / 1_000_000));
                    }
                });
        settle();
        for (MemoryPool pool : ledger.pools()) {
            climb(pool, now);
        }
        judge(now);
    }

    // The last rungs.

    /// Ends the waits that lead nowhere or took too long, until every wait left has a hope.
    private void judge(long now) {
        boolean changed = true;
        while (changed) {
            changed = false;
            boolean throttle = false;
            for (MemoryPool pool : ledger.pools()) {
                for (Ticket ticket : List.copyOf(pool.waiting)) {
                    boolean overdue = now - ticket.deadlineNanos >= 0;
                    if (inFlight() > 0 && !overdue) {
                        continue;
                    }
                    if (!overdue && mayComeBack(ticket)) {
                        throttle = true;
                        continue;
                    }
                    changed = endFor(ticket, now);
                    break;
                }
            }
            if (throttle && !changed) {
                throttle();
            }
        }
        releaseThrottle();
    }

    /// Whether an owner other than the one that waits could give memory back by finishing
    /// something.
    private boolean mayComeBack(Ticket ticket) {
        boolean[] may = {false};
        ledger.forEachScope(
                scope ->
                        may[0] |=
                                scope != ticket.lease.scope
                                        && isAllowed(ticket)
                                        && scope.isAlive()
                                        && scope.waiting == null
                                        && mayServe(scope, ticket.pool()));
        return may[0];
    }

    /// Whether what the scope is charged for could, given back, serve a request to the pool.
    private boolean mayServe(MemoryScope scope, MemoryPool pool) {
        long charged = scope.chargedBytes[pool.index];
        if (pool.isOffHeap()) {
            charged += scope.chargedBytes[ledger.lending().lenderTo(pool).index];
        }
        return charged > 0;
    }

    /// Makes the youngest job of the lowest priority end for a request, or denies it.
    ///
    /// @return whether anything has changed
    private boolean endFor(Ticket ticket, long now) {
        MemoryScope victim = ticket.lastResort ? null : youngest(ticket);
        if (victim == null || victim == ticket.lease.scope.root()) {
            remove(ticket);
            MemoryExhaustedException why =
                    MemoryExhaustedException.poolFull(ticket, ledger.snapshot(), now, throttling);
            events.denied(ticket);
            ticket.deny(why);
            finished(ticket);
            return true;
        }
        ticket.lastResort = true;
        ticket.deadlineNanos = now + options.waitNanos();
        ticket.tried.add("made '%s' end".formatted(victim.owner()));
        MemoryExhaustedException doom =
                MemoryExhaustedException.mustEnd(victim, ticket, ledger.snapshot());
        doom(victim, doom);
        return true;
    }

    private void doom(MemoryScope scope, MemoryExhaustedException why) {
        scope.doom = why;
        scope.asked = true;
        Ticket own = scope.waiting;
        if (own != null) {
            remove(own);
            own.deny(why);
            finished(own);
        }
        scope.wakeThread();
        scope.children.forEach(child -> doom(child, why));
    }

    /// The youngest job of the lowest priority that holds more than it was guaranteed and can end:
    /// the requester's own, unless another has less right to its memory.
    private @Nullable MemoryScope youngest(Ticket ticket) {
        MemoryScope own = ticket.lease.scope.root();
        MemoryScope worst = own;
        for (MemoryScope root : ledger.roots()) {
            boolean lesser =
                    root.priority < worst.priority
                            || root.priority == worst.priority && root.id > worst.id;
            if (root != own && lesser && root.doom == null && couldEnd(root, ticket.pool())) {
                worst = root;
            }
        }
        return worst;
    }

    private boolean couldEnd(MemoryScope scope, MemoryPool pool) {
        if (scope.isAlive()
                && mayServe(scope, pool)
                && scope.chargedBytes[pool.index] > scope.guaranteedBytes[pool.index]) {
            return true;
        }
        return scope.children.stream().anyMatch(child -> couldEnd(child, pool));
    }

    private void remove(Ticket ticket) {
        ticket.pool().waiting.remove(ticket);
        ledger.updateScarcity(ticket.pool());
    }

    private void throttle() {
        if (!throttling) {
            throttling = true;
            throttles.forEach(throttle -> throttle.slow(true));
            events.throttled(true);
        }
    }

    private void releaseThrottle() {
        if (throttling && ledger.pools().stream().allMatch(pool -> pool.waiting.isEmpty())) {
            throttling = false;
            throttles.forEach(throttle -> throttle.slow(false));
            events.throttled(false);
        }
    }

    // Owners.

    /// Owners have come or gone, or the total has moved: how far each may go.
    void ownersChanged() {
        for (MemoryPool pool : ledger.pools()) {
            Map<Integer, MemoryScope> byId = new HashMap<>();
            Claims claims = claims(pool, null, null, byId);
            for (Claimant claimant : claims.claimants()) {
                MemoryScope scope = byId.get(claimant.id());
                if (scope != null) {
                    scope.ceilingBytes[pool.index] = policy().ceilingBytes(claimant, claims);
                }
            }
        }
    }

    /// A scope has ended: what was asked of it is void, and what it waited for as well.
    void scopeEnded(MemoryScope scope) {
        scope.ask = null;
        scope.asked = false;
        Ticket waiting = scope.waiting;
        if (waiting != null) {
            remove(waiting);
            waiting.deny(MemoryUseException.leaseClosed(waiting.lease.ownerText(), true));
            finished(waiting);
        }
    }

    private Claims claims(
            MemoryPool pool,
            @Nullable Rung rung,
            @Nullable MemoryScope asker,
            Map<Integer, MemoryScope> byId) {
        List<Claimant> claimants = new ArrayList<>();
        ledger.forEachScope(
                scope -> {
                    boolean asked = rung == null || scope == asker || scope.isAlive();
                    Claimant claimant = claimant(scope, pool, rung, asked);
                    claimants.add(claimant);
                    byId.put(scope.id, scope);
                });
        claimants.sort(Comparator.comparingInt(Claimant::id));
        return new Claims(pool.name(), ledger.lending().reachable(pool), claimants);
    }

    private static Claimant claimant(
            MemoryScope scope, MemoryPool pool, @Nullable Rung rung, boolean canAnswer) {
        return new Claimant(
                scope.id,
                scope.owner(),
                scope.priority,
                scope.chargedBytes[pool.index],
                scope.guaranteedBytes[pool.index],
                rung == null || !canAnswer ? 0 : scope.reclaimable(rung),
                scope.waiting != null);
    }

    // Waiting, without the lock.

    /// Waits until the ticket is granted or denied; answers its own scope's requests meanwhile.
    void await(Ticket ticket) {
        try {
            while (ticket.state == Ticket.State.WAITING) {
                ticket.lease.scope.serveReclaims();
                if (ticket.state != Ticket.State.WAITING) {
                    return;
                }
                LockSupport.parkNanos(this, options.answerNanos());
                if (Thread.currentThread().isInterrupted()) {
                    ledger.run(() -> giveUp(ticket));
                    return;
                }
                ledger.run(this::tick);
            }
        } catch (RuntimeException | Error failed) {
            // If it was granted meanwhile the lease has it, and gives it back when it ends.
            ledger.run(() -> giveUp(ticket));
            throw failed;
        }
    }

    private void giveUp(Ticket ticket) {
        if (ticket.state == Ticket.State.WAITING) {
            remove(ticket);
            ticket.deny(MemoryExhaustedException.interrupted(ticket));
            finished(ticket);
            settle();
        }
    }
}
