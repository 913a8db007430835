package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// What is left when no owner has anything to give: to slow the sources, since others may finish
/// and release; then to make the youngest job of the lowest priority end; and to deny.
///
/// Decides for each request that waits whether there is hope. There is while an answer is under
/// way, while a job that was made to end is ending, and while some thread that does not wait for
/// memory itself could release what would serve the request. Without hope a request is decided at
/// once; with hope it is decided at its deadline at the latest.
///
/// Guarded by the ledger's lock.
final class LastRungs {
    /// How many of those without hope are compared to find who is decided first.
    private static final int COMPARED_MAX = 16;

    private final Ledger ledger;
    private final MemoryOptions options;
    private final Arbiter arbiter;
    private final List<Throttle> throttles = new CopyOnWriteArrayList<>();
    private boolean throttling;

    /// While judging: the threads that wait with hope.
    private final Set<Thread> goingOn = new HashSet<>();

    /// While judging: whether somebody only waits for others to finish something.
    private boolean waitsForOthers;

    private long endingUntilNanos;

    LastRungs(Ledger ledger, MemoryOptions options, Arbiter arbiter) {
        this.ledger = ledger;
        this.options = options;
        this.arbiter = arbiter;
    }

    boolean isThrottling() {
        return throttling;
    }

    /// Until when those that were made to end have time to.
    long endingUntilNanos() {
        return endingUntilNanos;
    }

    void addThrottle(Throttle throttle) {
        throttles.add(throttle);
        if (throttling) {
            throttle.slow(true);
        }
    }

    void removeThrottle(Throttle throttle) {
        throttles.remove(throttle);
    }

    /// Ends the waits that lead nowhere or took too long, until every wait left has a hope.
    ///
    /// @return whether anything has changed for those that wait
    boolean judge(long now) {
        boolean changed = false;
        List<Ticket> hopeless = hopeless(now);
        while (!hopeless.isEmpty()) {
            if (!arbiter.grantOutOfTurn(hopeless)) {
                endFor(first(hopeless, now), now);
            }
            changed = true;
            hopeless = hopeless(now);
        }
        if (waitsForOthers && !throttling) {
            throttle(true);
        }
        releaseThrottle();
        return changed;
    }

    /// Those that wait without hope.
    private List<Ticket> hopeless(long now) {
        List<Ticket> tickets = new ArrayList<>();
        ledger.pools().forEach(pool -> tickets.addAll(pool.waiting));
        goingOn.clear();
        waitsForOthers = false;
        removeHopeful(tickets, now);
        return tickets;
    }

    /// Hope passes on: whoever waits with hope will go on, and may then give back.
    private void removeHopeful(List<Ticket> tickets, long now) {
        boolean more = true;
        while (more) {
            more = false;
            for (Ticket ticket : List.copyOf(tickets)) {
                if (hasHope(ticket, now)) {
                    tickets.remove(ticket);
                    goingOn.add(ticket.thread);
                    more = true;
                }
            }
        }
    }

    /// Which of those without hope is to be decided first: whose time is over, and who could go on
    /// only by giving up what it has itself; then whose end leaves hope to others, by the least
    /// priority, the most hope, the youngest; then the first in the queue, and last those for whom
    /// another was made to end.
    private Ticket first(List<Ticket> hopeless, long now) {
        Ticket first = hopeless.getFirst();
        Right best = right(first, hopeless, now);
        for (Ticket ticket : hopeless.subList(1, Math.min(hopeless.size(), COMPARED_MAX))) {
            Right right = right(ticket, hopeless, now);
            if (right.compareTo(best) < 0) {
                first = ticket;
                best = right;
            }
        }
        return first;
    }

    /// The less of it, the sooner a request is decided.
    private record Right(int rank, int priority, int rescued, int id) implements Comparable<Right> {
        private static final Comparator<Right> ORDER =
                Comparator.comparingInt(Right::rank)
                        .thenComparingInt(Right::priority)
                        .thenComparingInt(right -> -right.rescued)
                        .thenComparingInt(right -> -right.id);

        @Override
        public int compareTo(Right other) {
            return ORDER.compare(this, other);
        }
    }

    private Right right(Ticket ticket, List<Ticket> hopeless, long now) {
        MemoryScope root = owner(ticket).root();
        boolean inAnyCase =
                now - ticket.deadlineNanos >= 0
                        || !Owners.isAllowed(ticket)
                        || charged(owner(ticket), ticket.pool()) + ticket.bytes
                                > arbiter.owners().mostFor(ticket);
        if (inAnyCase) {
            return new Right(0, root.priority, 0, root.id);
        }
        int rescued = rescuedBy(ticket, hopeless, now);
        return rescued > 0
                ? new Right(1, root.priority, rescued, root.id)
                : new Right(ticket.lastResort ? 3 : 2, 0, 0, 0);
    }

    /// How many others could hope if the thread of a request went on.
    private int rescuedBy(Ticket ticket, List<Ticket> hopeless, long now) {
        Set<Thread> before = Set.copyOf(goingOn);
        boolean waitsBefore = waitsForOthers;
        List<Ticket> others = new ArrayList<>(hopeless);
        others.remove(ticket);
        goingOn.add(ticket.thread);
        removeHopeful(others, now);
        goingOn.clear();
        goingOn.addAll(before);
        waitsForOthers = waitsBefore;
        return hopeless.size() - 1 - others.size();
    }

    private boolean hasHope(Ticket ticket, long now) {
        if (!arbiter.owners().canEverHave(ticket)) {
            return false;
        }
        boolean overdue = now - ticket.deadlineNanos >= 0;
        if (isEnding(ticket, now) || !overdue && arbiter.requests().isExpected(ticket)) {
            return true;
        }
        if (!overdue && mayComeBack(ticket)) {
            waitsForOthers = true;
            return true;
        }
        return false;
    }

    private static long charged(MemoryScope scope, MemoryPool pool) {
        long bytes = scope.chargedBytes[pool.index];
        for (MemoryScope child : scope.children) {
            bytes += charged(child, pool);
        }
        return bytes;
    }

    /// Whether a job that was made to end, and still has time to, holds something for the request.
    private boolean isEnding(Ticket ticket, long now) {
        if (now - endingUntilNanos >= 0) {
            return false;
        }
        boolean[] ending = {false};
        ledger.forEachScope(
                scope ->
                        ending[0] |=
                                scope.doom != null
                                        && !scope.isInside(ticket.thread)
                                        && arbiter.owners().servable(scope, ticket.pool()) > 0);
        return ending[0] || quarantined(ticket.pool());
    }

    /// Whether somebody could give memory back by finishing something.
    private boolean mayComeBack(Ticket ticket) {
        MemoryPool pool = ticket.pool();
        if (!Owners.isAllowed(ticket)) {
            return mayGiveUp(ticket.lease.scope, pool);
        }
        if (quarantined(pool) || arbiter.canAskShared(pool, true)) {
            return true;
        }
        boolean unattended = false;
        boolean someoneRuns = false;
        for (MemoryScope root : ledger.roots()) {
            boolean useful = holds(root, pool);
            boolean runs = isRunning(root);
            // Its threads have left, so whoever follows them is about to end it.
            boolean left = root.everEntered && !hasThread(root);
            if (useful && (runs || left || isClosing(root, pool))) {
                return true;
            }
            unattended |= useful && !hasThread(root);
            someoneRuns |= runs;
        }
        return unattended && someoneRuns;
    }

    /// Whether an owner at its ceiling could come to hold less.
    private boolean mayGiveUp(MemoryScope scope, MemoryPool pool) {
        MemoryScope root = scope.root();
        return scope.chargedBytes[pool.index] > 0
                && (isRunning(root) || !hasThread(root) && someoneRuns());
    }

    private boolean someoneRuns() {
        return ledger.roots().stream().anyMatch(this::isRunning);
    }

    /// Whether memory of ended owners would serve the pool when their threads have left.
    private boolean quarantined(MemoryPool pool) {
        for (MemoryScope scope : ledger.quarantined()) {
            Quarantine held = scope.quarantine;
            for (MemoryPool from : ledger.pools()) {
                if (held != null
                        && held.bytes[from.index] > 0
                        && ledger.lending().canServe(from, pool)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean holds(MemoryScope scope, MemoryPool pool) {
        return arbiter.owners().servable(scope, pool) > 0
                || scope.children.stream().anyMatch(child -> holds(child, pool));
    }

    /// Whether something inside has ended whose memory is on its way back.
    private boolean isClosing(MemoryScope scope, MemoryPool pool) {
        return scope.closed && holds(scope, pool)
                || scope.children.stream().anyMatch(child -> isClosing(child, pool));
    }

    /// Whether a thread inside does not wait for memory, or waits with hope.
    private boolean isRunning(MemoryScope scope) {
        return scope.entries.stream().anyMatch(entry -> goesOn(entry.thread))
                || scope.children.stream().anyMatch(this::isRunning);
    }

    private boolean goesOn(Thread thread) {
        return !arbiter.isWaiting(thread) || goingOn.contains(thread);
    }

    private static boolean hasThread(MemoryScope scope) {
        return !scope.entries.isEmpty() || scope.children.stream().anyMatch(LastRungs::hasThread);
    }

    /// Makes the youngest job of the lowest priority end for a request, or denies it.
    private void endFor(Ticket ticket, long now) {
        MemoryScope own = owner(ticket).root();
        boolean mayEndOthers =
                !ticket.lastResort
                        && Owners.isAllowed(ticket)
                        && arbiter.owners().canEverHave(ticket);
        MemoryScope victim = mayEndOthers ? youngest(own, ticket) : own;
        if (victim == own) {
            deny(ticket, now);
            return;
        }
        ticket.lastResort = true;
        ticket.deadlineNanos = now + options.waitNanos();
        endingUntilNanos = ticket.deadlineNanos;
        ticket.tried.add("made '%s' end".formatted(victim.owner()));
        doom(victim, MemoryExhaustedException.mustEnd(victim, ticket, ledger.snapshot()));
    }

    private void deny(Ticket ticket, long now) {
        MemoryExhaustedException why =
                MemoryExhaustedException.poolFull(ticket, ledger.snapshot(), now, throttling);
        arbiter.events().denied(ticket);
        arbiter.deny(ticket, why);
    }

    /// Denies a request that was never left waiting.
    void refuse(Ticket ticket, long now) {
        ticket.deny(MemoryExhaustedException.poolFull(ticket, ledger.snapshot(), now, throttling));
        arbiter.events().denied(ticket);
    }

    /// Whose request it is: the scope that the waiting thread is inside, else that of the lease.
    private MemoryScope owner(Ticket ticket) {
        MemoryScope[] inside = {ticket.lease.scope};
        if (!ticket.lease.scope.root().isInside(ticket.thread)) {
            ledger.forEachScope(
                    scope -> {
                        if (scope.isInside(ticket.thread)) {
                            inside[0] = scope;
                        }
                    });
        }
        return inside[0];
    }

    private void doom(MemoryScope scope, MemoryExhaustedException why) {
        scope.doom = why;
        scope.asked = true;
        scope.ask = null;
        arbiter.denyAll(
                ticket -> ticket.lease.scope == scope || scope.isInside(ticket.thread), why);
        ledger.afterUnlock(scope::wakeThread);
        scope.children.forEach(child -> doom(child, why));
    }

    /// Why the owner of a request, or one that its thread is inside, must end; or null.
    @Nullable MemoryExhaustedException doomOf(Ticket ticket) {
        MemoryExhaustedException[] doom = {ticket.lease.scope.doom};
        ledger.forEachScope(
                scope -> {
                    if (scope.doom != null && scope.isInside(ticket.thread)) {
                        doom[0] = scope.doom;
                    }
                });
        return doom[0];
    }

    /// The youngest job of the lowest priority whose end would serve the request: the requester's
    /// own, unless another has less right to its memory.
    private MemoryScope youngest(MemoryScope own, Ticket ticket) {
        MemoryScope worst = own;
        for (MemoryScope root : ledger.roots()) {
            boolean lesser =
                    root.priority < worst.priority
                            || root.priority == worst.priority && root.id > worst.id;
            if (root != own && lesser && couldEnd(root) && wouldServe(root, ticket)) {
                worst = root;
            }
        }
        return worst;
    }

    private static boolean couldEnd(MemoryScope root) {
        return root.doom == null && !root.closed && hasThread(root);
    }

    /// Whether there would be room for a request if a job gave back all it has beyond its
    /// guarantee.
    private boolean wouldServe(MemoryScope root, Ticket ticket) {
        MemoryPool pool = ticket.pool();
        long given = beyondGuarantee(root, pool);
        long room = Math.max(0, pool.freeBytes()) + ledger.lending().roomFor(pool);
        if (pool.isOffHeap()) {
            MemoryPool lender = ledger.lending().lenderTo(pool);
            long lent =
                    Math.min(
                            beyondGuarantee(root, lender),
                            ledger.lending().mayLend(pool) - ledger.lending().lendable(pool));
            given += Math.max(0, lent);
        }
        return given > 0 && room + given >= ticket.bytes;
    }

    private static long beyondGuarantee(MemoryScope scope, MemoryPool pool) {
        long bytes =
                Math.max(0, scope.chargedBytes[pool.index] - scope.guaranteedBytes[pool.index]);
        for (MemoryScope child : scope.children) {
            bytes += beyondGuarantee(child, pool);
        }
        return bytes;
    }

    /// Lets sources go on when nobody waits any more.
    void releaseThrottle() {
        if (throttling && !arbiter.isAnyWaiting()) {
            throttle(false);
        }
    }

    private void throttle(boolean on) {
        throttling = on;
        throttles.forEach(throttle -> throttle.slow(on));
        arbiter.events().throttled(on);
    }
}
