package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Who gets memory when there is too little: the queue of requests that wait, and the ladder of
/// what is done about them.
///
/// A state machine without a thread: it moves when memory is asked for, comes back, an owner
/// answers, a thread leaves, or a waiting thread looks at the clock ([#attend]). So the same code
/// runs under a deterministic schedule in tests.
///
/// | Rung | What is taken                                              | By whom                                     |
/// |------|------------------------------------------------------------|---------------------------------------------|
/// | 1    | the reserve, and idle limit of the other off-heap pool     | the ledger, at once                         |
/// | 2    | released pages still resident, grants that nobody uses     | the ledger, at once                         |
/// | 3    | idle pages that belong to nobody's thread                  | the asking thread, at once and while it waits |
/// | 4-7  | [Rung], in its order                                       | [ReclaimRequests]: the owner's thread, when it answers |
/// | 8    | time: sources are slowed, since others may finish          | [LastRungs], by [Throttle]                  |
/// | 9    | the youngest job of the lowest priority                    | [LastRungs]: its thread, by an exception    |
///
/// **Liveness.** A waiting thread holds no lock, and answers requests to every scope it is inside
/// while it waits. An owner that does not answer in time is passed over. Memory that comes back is
/// assigned to the first waiter; a smaller request may go before it, but only [#SKIPS_MAX] times
/// unless somebody would have to end otherwise. When nobody is left who could give anything back, a
/// request fails at once, and otherwise at its deadline, with everything that was tried.
///
/// The order of the rungs and the assignment to waiters are those of Velox's arbitrator; that the
/// owner's own thread gives memory back, between two records, is not: no thread is ever suspended.
final class Arbiter {
    /// How often smaller requests may go before the first in the queue.
    static final int SKIPS_MAX = 64;

    private final Ledger ledger;
    private final MemoryOptions options;
    private final MemoryEvents events = new MemoryEvents();
    private final Owners owners;
    private final ReclaimRequests requests;
    private final LastRungs lastRungs;
    private final List<Reclaimer> shared = new CopyOnWriteArrayList<>();
    private Consumer<Thread> wakeUp = LockSupport::unpark;
    private long longestWaitNanos;

    Arbiter(Ledger ledger, MemoryOptions options) {
        this.ledger = ledger;
        this.options = options;
        this.owners = new Owners(ledger, options.policy());
        this.requests = new ReclaimRequests(ledger, options, this);
        this.lastRungs = new LastRungs(ledger, options, this);
    }

    MemoryEvents events() {
        return events;
    }

    Owners owners() {
        return owners;
    }

    ReclaimRequests requests() {
        return requests;
    }

    LastRungs lastRungs() {
        return lastRungs;
    }

    long longestWaitNanos() {
        return longestWaitNanos;
    }

    /// Wakes waiting threads in another way, for those whose threads are only names.
    void wakeBy(Consumer<Thread> waker) {
        wakeUp = waker;
    }

    void addShared(Reclaimer reclaimer) {
        shared.add(reclaimer);
    }

    void removeShared(Reclaimer reclaimer) {
        shared.remove(reclaimer);
    }

    /// Whether there is idle memory that any thread may free for a request to the pool. For network
    /// memory only if it is required: else whoever has it idle needs it next.
    boolean canAskShared(MemoryPool pool, boolean required) {
        if (pool != ledger.managed && !(required && pool == ledger.network)) {
            return false;
        }
        for (Reclaimer reclaimer : shared) {
            if (reclaimer.reclaimableBytes() > 0) {
                return true;
            }
        }
        return false;
    }

    /// How much idle memory any thread may free for a request to the pool that is required.
    long sharedBytes(MemoryPool pool) {
        return canAskShared(pool, true)
                ? shared.stream().mapToLong(Reclaimer::reclaimableBytes).sum()
                : 0;
    }

    // Waiting, without the lock.

    /// Frees idle memory that belongs to nobody's thread.
    void askShared(long bytes) {
        long left = bytes;
        for (Reclaimer reclaimer : shared) {
            long idle = reclaimer.reclaimableBytes();
            if (idle > 0 && left > 0) {
                reclaimer.reclaim(Math.max(left, ReclaimRequests.LEAST_BYTES));
                left -= idle;
            }
        }
    }

    /// Waits until the ticket is granted or denied; answers requests to its thread meanwhile.
    void await(Ticket ticket) {
        try {
            while (true) {
                attend(ticket);
                if (ticket.state != Ticket.State.WAITING) {
                    return;
                }
                if (Thread.currentThread().isInterrupted()) {
                    ledger.run(() -> giveUp(ticket));
                    return;
                }
                LockSupport.parkNanos(this, options.answerNanos());
            }
        } catch (RuntimeException | Error failed) {
            abandon(ticket);
            throw failed;
        }
    }

    /// The thread fails while it waits: nobody will use what it asked for, granted meanwhile or
    /// not.
    void abandon(Ticket ticket) {
        ledger.run(
                () -> {
                    giveUp(ticket);
                    if (ticket.state == Ticket.State.GRANTED) {
                        ledger.requests().giveBack(ticket);
                    }
                });
    }

    /// What a waiting thread does each time it wakes: answers, frees what is idle, and looks at the
    /// clock.
    void attend(Ticket ticket) {
        List<MemoryScope> asked = new ArrayList<>();
        ledger.run(() -> ledger.forEachScope(scope -> addIfAsked(ticket, scope, asked)));
        asked.forEach(scope -> requests.serve(scope, ticket.thread));
        if (ticket.state == Ticket.State.WAITING
                && ledger.read(() -> canAskShared(ticket.pool(), true))) {
            askShared(ticket.bytes);
        }
        if (ticket.state == Ticket.State.WAITING) {
            ledger.run(this::tick);
        }
    }

    private static void addIfAsked(Ticket ticket, MemoryScope scope, List<MemoryScope> asked) {
        boolean own =
                scope.isAnsweredBy(ticket.thread)
                        || scope == ticket.lease.scope && scope.answerer() == null;
        if (scope.asked && own) {
            asked.add(scope);
        }
    }

    // The rest is called with the ledger's lock held.

    /// Grants a request that needs nobody's help and takes nobody's turn.
    boolean grantAtOnce(Ticket ticket) {
        MemoryPool pool = ticket.pool();
        ticket.urgent = isAnyWaiting() && requests.isServing(ticket.thread);
        Ticket overtaken = overtaken(firstWaiting(pool), ticket);
        if (overtaken != null && !mayOvertake(overtaken, ticket)
                || !owners.mayHave(ticket)
                || !ledger.charges().ensureRoom(ticket.lease.scope, pool, ticket.bytes)
                || !ledger.charges().give(ticket)) {
            return false;
        }
        granted(ticket, overtaken);
        return true;
    }

    private static void granted(Ticket ticket, @Nullable Ticket overtaken) {
        if (overtaken != null) {
            overtaken.skipped++;
        }
        ReclaimRequests.granted(ticket.lease.scope);
    }

    /// The waiting request that `ticket` would go before, or null if it takes nobody's turn: it is
    /// guaranteed, or made by the thread that waits, or by one that is giving back for others.
    private static @Nullable Ticket overtaken(@Nullable Ticket first, Ticket ticket) {
        boolean turn =
                first == null
                        || Owners.isGuaranteed(ticket)
                        || first.thread == ticket.thread
                        || ticket.urgent;
        return turn ? null : first;
    }

    private static boolean mayOvertake(Ticket first, Ticket ticket) {
        return first.skipped < SKIPS_MAX
                && Owners.beyondGuarantee(ticket) < Owners.beyondGuarantee(first);
    }

    /// The first request that waits for room rather than for its own ceiling.
    private static @Nullable Ticket firstWaiting(MemoryPool pool) {
        for (Ticket ticket : pool.waiting) {
            if (Owners.isAllowed(ticket)) {
                return ticket;
            }
        }
        return null;
    }

    /// Lets a request wait that could not be granted, if it may and there is a point in it.
    void denyOrEnqueue(Ticket ticket, boolean required) {
        long now = options.nanoClock().getAsLong();
        ticket.sinceNanos = now;
        ticket.deadlineNanos = now + options.waitNanos();
        if (!required) {
            ticket.deny(null);
        } else if (ticket.state == Ticket.State.WAITING) {
            MemoryExhaustedException doom = lastRungs.doomOf(ticket);
            if (doom != null) {
                ticket.deny(doom);
            } else if (!owners.canEverHave(ticket)) {
                lastRungs.refuse(ticket, now);
            } else {
                enqueue(ticket);
                return;
            }
        }
        // The search for room may have found some that others wait for.
        if (isAnyWaiting()) {
            settle();
        }
    }

    private void enqueue(Ticket ticket) {
        ticket.pool().waiting.add(ticket);
        try {
            // From now on releases come to the ledger; what was released before is found.
            ledger.charges().updateScarcity(ticket.pool());
            advance();
            ticket.parked = ticket.state == Ticket.State.WAITING;
        } finally {
            if (!ticket.parked) {
                remove(ticket);
            }
        }
    }

    /// Memory may have come back, limits may have moved: grants what waits.
    void settle() {
        if (ledger.totalBytes() > ledger.targetBytes() && ledger.shrinkTotal()) {
            owners.changed();
        }
        boolean granted = false;
        for (MemoryPool pool : ledger.pools()) {
            if (!pool.waiting.isEmpty()) {
                granted |= assign(pool);
                ledger.charges().updateScarcity(pool);
            }
        }
        if (granted) {
            requests.forgetUnneeded();
        }
        lastRungs.releaseThrottle();
    }

    /// Grants what waits, asks owners for what is missing, and ends the waits that have no hope.
    void advance() {
        settle();
        long now = options.nanoClock().getAsLong();
        while (isAnyWaiting()) {
            ledger.pools().forEach(pool -> requests.climb(pool, now));
            if (!lastRungs.judge(now)) {
                return;
            }
            settle();
        }
    }

    /// Time has passed: takes back what has rested, passes over who did not answer, and goes on.
    void tick() {
        ledger.ends().releaseRested();
        requests.passOver(options.nanoClock().getAsLong());
        advance();
    }

    boolean isAnyWaiting() {
        for (MemoryPool pool : ledger.pools()) {
            if (!pool.waiting.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private boolean assign(MemoryPool pool) {
        owners.reconsider(pool);
        boolean granted = false;
        Ticket first = null;
        for (Iterator<Ticket> queue = pool.waiting.iterator(); queue.hasNext(); ) {
            Ticket ticket = queue.next();
            Ticket overtaken = overtaken(first, ticket);
            if (overtaken != null && !mayOvertake(overtaken, ticket) || !Owners.isAllowed(ticket)) {
                continue;
            }
            if (ledger.charges().ensureRoom(ticket.lease.scope, pool, ticket.bytes)) {
                queue.remove();
                if (ledger.charges().give(ticket)) {
                    granted = true;
                    granted(ticket, overtaken);
                }
                finished(ticket);
            } else if (first == null) {
                first = ticket;
            }
        }
        return granted;
    }

    /// Grants the first of some requests that fits, whosever turn it is: called when nothing comes
    /// back for whose turn it is, and somebody would have to end.
    ///
    /// @return whether one fitted
    boolean grantOutOfTurn(List<Ticket> tickets) {
        for (Ticket ticket : tickets) {
            if (Owners.isAllowed(ticket)
                    && ledger.charges()
                            .ensureRoom(ticket.lease.scope, ticket.pool(), ticket.bytes)) {
                remove(ticket);
                if (ledger.charges().give(ticket)) {
                    granted(ticket, null);
                }
                finished(ticket);
                return true;
            }
        }
        return false;
    }

    private void finished(Ticket ticket) {
        if (ticket.parked) {
            long waited = options.nanoClock().getAsLong() - ticket.sinceNanos;
            longestWaitNanos = Math.max(longestWaitNanos, waited);
            events.waited(ticket, waited);
            wakeUp.accept(ticket.thread);
        }
    }

    private void remove(Ticket ticket) {
        ticket.pool().waiting.remove(ticket);
        ledger.charges().updateScarcity(ticket.pool());
    }

    /// Ends a wait without success.
    void deny(Ticket ticket, MemoryException why) {
        remove(ticket);
        ticket.deny(why);
        finished(ticket);
    }

    /// Ends all waits of a kind.
    void denyAll(Predicate<Ticket> which, MemoryException why) {
        for (MemoryPool pool : ledger.pools()) {
            for (Ticket ticket : List.copyOf(pool.waiting)) {
                if (which.test(ticket)) {
                    deny(ticket, why);
                }
            }
        }
    }

    /// The thread waits no more.
    void giveUp(Ticket ticket) {
        if (ticket.state == Ticket.State.WAITING) {
            deny(ticket, MemoryExhaustedException.interrupted(ticket));
            advance();
        }
    }

    /// Whether a thread waits for memory.
    boolean isWaiting(Thread thread) {
        return isAnyWaiting(ticket -> ticket.thread == thread);
    }

    /// Whether somebody waits for memory of a scope.
    boolean isWaiting(MemoryScope scope) {
        return isAnyWaiting(ticket -> ticket.lease.scope == scope);
    }

    private boolean isAnyWaiting(Predicate<Ticket> which) {
        for (MemoryPool pool : ledger.pools()) {
            for (Ticket ticket : pool.waiting) {
                if (which.test(ticket)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Makes a thread look at what it was asked, if it waits for memory.
    void wakeWaiting(Thread thread) {
        if (isWaiting(thread)) {
            wakeUp.accept(thread);
        }
    }

    /// A lease has ended: what was to be put into it is not wanted any more.
    void leaseEnded(Lease lease) {
        denyAll(
                ticket -> ticket.lease == lease,
                MemoryUseException.leaseClosed(lease.ownerText(), false));
    }

    /// A scope has ended: what was asked of it is void, and so is what its threads waited for.
    void scopeEnded(MemoryScope scope) {
        scope.ask = null;
        scope.asked = false;
        denyAll(
                ticket -> ticket.lease.scope == scope || scope.isInside(ticket.thread),
                MemoryUseException.scopeClosed(scope.owner()));
    }

    /// A thread has entered or left: others may have to answer.
    void threadsChanged(MemoryScope scope) {
        requests.reroute(scope.root());
    }
}
