package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The rungs on which owners are asked: posts requests to give back, and answers them on the
/// owners' threads.
///
/// A scope has one request at a time. It is answered by the thread of the scope, or of the
/// innermost scope around it that has one. Guarded by the ledger's lock, but for [#serve].
///
/// | A request ends                | because                                                 |
/// |-------------------------------|---------------------------------------------------------|
/// | answered                      | the owner gave what it could, or a reclaimer threw      |
/// | void                          | nobody waits any more, or nobody is there to answer     |
///
/// One that is not answered in time is *passed over*: others are asked, and the owner may still
/// answer.
final class ReclaimRequests {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    /// The least that is asked of an owner, as far as it has that much.
    static final long LEAST_BYTES = 16 * PAGE;

    /// For how many of those that wait owners are asked at a time.
    private static final int ASKERS_MAX = 16;

    private final Ledger ledger;
    private final MemoryOptions options;
    private final Arbiter arbiter;

    ReclaimRequests(Ledger ledger, MemoryOptions options, Arbiter arbiter) {
        this.ledger = ledger;
        this.options = options;
        this.arbiter = arbiter;
    }

    /// Asks owners for what the queue needs beyond what is free or was asked already, cheapest rung
    /// first.
    void climb(MemoryPool pool, long now) {
        if (pool.waiting.isEmpty()) {
            return;
        }
        long pot =
                Math.max(0, pool.freeBytes())
                        + ledger.lending().roomFor(pool)
                        + expectedBytes(pool);
        List<Rung> rungs = rungsThatOffer(pool);
        int askers = 0;
        for (Ticket ticket : pool.waiting) {
            if (++askers > ASKERS_MAX) {
                return;
            }
            if (!Owners.isAllowed(ticket)) {
                askItself(ticket, now);
                continue;
            }
            long need = ticket.bytes - pot + (ticket.urgent ? ownAnswer(ticket) : 0);
            for (Rung rung : rungs) {
                if (need > 0) {
                    need -= ask(ticket, rung, need, now);
                }
            }
            pot = Math.max(0, -need);
        }
    }

    /// The rungs on which anybody has something to give.
    private List<Rung> rungsThatOffer(MemoryPool pool) {
        List<Rung> rungs = new ArrayList<>();
        for (Rung rung : Rung.values()) {
            boolean[] offers = {false};
            ledger.forEachScope(
                    scope ->
                            offers[0] |=
                                    scope.ask == null && scope.reclaimable(pool.type(), rung) > 0);
            if (offers[0]) {
                rungs.add(rung);
            }
        }
        return rungs;
    }

    private long ask(Ticket asker, Rung rung, long need, long now) {
        long asked = 0;
        for (Map.Entry<MemoryScope, Long> victim :
                arbiter.owners().victims(asker, rung).entrySet()) {
            if (asked < need) {
                long bytes = Math.min(victim.getValue(), Math.max(need - asked, LEAST_BYTES));
                asked += post(asker, victim.getKey(), rung, bytes, now);
            }
        }
        return asked;
    }

    /// The policy lets the owner have no more: it must give back what it wants to take.
    private void askItself(Ticket ticket, long now) {
        MemoryScope scope = ticket.lease.scope;
        long need = ticket.bytes - Owners.mayTakeMore(scope, ticket.pool());
        for (Rung rung : Rung.values()) {
            if (need <= scope.chargedBytes[ticket.pool().index]) {
                post(ticket, scope, rung, Math.max(need, LEAST_BYTES), now);
            }
        }
    }

    /// @return how much was asked, in bytes
    private long post(Ticket asker, MemoryScope scope, Rung rung, long most, long now) {
        MemoryPool pool = asker.pool();
        long bytes =
                scope.ask != null || scope.doom != null
                        ? 0
                        : Math.min(scope.reclaimable(pool.type(), rung), most);
        if (bytes == 0) {
            return 0;
        }
        MemoryScope.Ask ask = new MemoryScope.Ask(pool, rung, bytes, now);
        scope.ask = ask;
        arbiter.events().asked(scope, ask);
        asker.tried.add(
                "asked '%s' for %s (%s)".formatted(scope.owner(), MemorySize.text(bytes), rung));
        MemoryScope answerer = scope.answerer();
        if (answerer == null) {
            scope.asked = true;
        } else {
            answerer.asked = true;
            arbiter.wakeWaiting(answerer.entries.getFirst().thread);
            ledger.afterUnlock(answerer::wakeThread);
        }
        return bytes;
    }

    /// What owners were asked for and are expected to give to the pool.
    private long expectedBytes(MemoryPool pool) {
        long[] bytes = {0};
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    if (ask != null && !ask.passedOver && serves(ask, pool)) {
                        bytes[0] += ask.bytes;
                    }
                });
        return bytes[0];
    }

    /// What is expected of the thread that asks in the middle of answering.
    private long ownAnswer(Ticket urgent) {
        long[] bytes = {0};
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    if (ask != null && !ask.passedOver && ask.server == urgent.thread) {
                        bytes[0] += ask.bytes;
                    }
                });
        return bytes[0];
    }

    /// Whether an answer will come that may serve a request.
    boolean isExpected(Ticket ticket) {
        boolean[] expected = {false};
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    expected[0] |=
                            ask != null
                                    && serves(ask, ticket.pool())
                                    && !(ticket.urgent && ask.server == ticket.thread)
                                    && willBeAnswered(scope, ask);
                });
        return expected[0];
    }

    /// Whether somebody answers already, is expected to in time, or waits for memory, where nothing
    /// can keep it from answering.
    private boolean willBeAnswered(MemoryScope scope, MemoryScope.Ask ask) {
        MemoryScope answerer = scope.answerer();
        return !ask.passedOver
                || ask.server != null
                || answerer == null
                || arbiter.isWaiting(answerer.entries.getFirst().thread);
    }

    private static boolean serves(MemoryScope.Ask ask, MemoryPool pool) {
        return ask.pool == pool || ask.pool.isOffHeap() && pool.isOffHeap();
    }

    /// Whether `thread` is giving back for others at this moment.
    boolean isServing(Thread thread) {
        boolean[] serving = {false};
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    serving[0] |= ask != null && ask.server == thread;
                });
        return serving[0];
    }

    /// Passes over who has not answered in time.
    void passOver(long now) {
        ledger.forEachScope(
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    if (ask != null
                            && !ask.passedOver
                            && now - ask.sinceNanos >= options.answerNanos()) {
                        ask.passedOver = true;
                        note(
                                ask.pool,
                                "'%s' did not answer in %,d ms"
                                        .formatted(
                                                scope.owner(), (now - ask.sinceNanos) / 1_000_000));
                    }
                });
    }

    /// Forgets requests that nobody waits for any more and nobody has begun to answer.
    void forgetUnneeded() {
        ledger.roots()
                .forEach(
                        root -> {
                            forEachInside(
                                    root,
                                    scope -> {
                                        MemoryScope.Ask ask = scope.ask;
                                        if (ask != null && ask.server == null && nobodyWaits(ask)) {
                                            scope.ask = null;
                                        }
                                    });
                            reroute(root);
                        });
    }

    private boolean nobodyWaits(MemoryScope.Ask ask) {
        return ledger.pools().stream()
                .allMatch(pool -> pool.waiting.isEmpty() || !serves(ask, pool));
    }

    /// Finds again who has to answer within a scope without parent, after threads have come or
    /// gone.
    void reroute(MemoryScope root) {
        forEachInside(root, scope -> scope.asked = scope.doom != null);
        forEachInside(
                root,
                scope -> {
                    MemoryScope.Ask ask = scope.ask;
                    if (ask != null && ask.server == null) {
                        MemoryScope answerer = scope.answerer();
                        if (answerer != null) {
                            answerer.asked = true;
                        } else if (arbiter.isWaiting(scope)) {
                            scope.asked = true;
                        } else {
                            scope.ask = null;
                        }
                    }
                });
    }

    private static void forEachInside(MemoryScope scope, Consumer<MemoryScope> visitor) {
        visitor.accept(scope);
        scope.children.forEach(child -> forEachInside(child, visitor));
    }

    /// Answers what was asked of a scope and of those inside it that have no thread. Without the
    /// lock.
    ///
    /// @param server the scope's thread, which calls this
    void serve(MemoryScope scope, Thread server) {
        List<MemoryScope> asked = new ArrayList<>();
        ledger.run(
                () -> {
                    MemoryExhaustedException doom = scope.doom;
                    if (doom != null) {
                        doom.fillInStackTrace();
                        throw doom;
                    }
                    addAsked(scope, asked);
                });
        asked.forEach(each -> answer(each, server));
    }

    private static void addAsked(MemoryScope scope, List<MemoryScope> asked) {
        if (scope.ask != null) {
            asked.add(scope);
        }
        for (MemoryScope child : scope.children) {
            if (child.entries.isEmpty()) {
                addAsked(child, asked);
            }
        }
    }

    private void answer(MemoryScope scope, Thread server) {
        List<MemoryScope.Registration> candidates = new ArrayList<>();
        MemoryScope.Ask ask = ledger.read(() -> begin(scope, server, candidates));
        if (ask == null) {
            return;
        }
        candidates.sort(Comparator.comparing(candidate -> candidate.reclaimer.rung()));
        long left = ask.bytes;
        try {
            for (MemoryScope.Registration candidate : candidates) {
                if (left > 0) {
                    left -= reclaim(scope, candidate, ask.pool, left);
                }
            }
        } finally {
            long given = ask.bytes - left;
            ledger.run(() -> answered(scope, ask, given));
        }
    }

    private MemoryScope.@Nullable Ask begin(
            MemoryScope scope, Thread server, List<MemoryScope.Registration> candidates) {
        MemoryScope.Ask ask = scope.ask;
        if (ask == null || ask.server != null) {
            return null;
        }
        ask.server = server;
        ask.sinceNanos = options.nanoClock().getAsLong();
        for (MemoryScope.Registration registration : scope.registrations) {
            Reclaimer reclaimer = registration.reclaimer;
            if (reclaimer.type() == ask.pool.type() && reclaimer.rung().compareTo(ask.upTo) <= 0) {
                candidates.add(registration);
            }
        }
        return ask;
    }

    /// @return how much it gave, at least 0
    private long reclaim(
            MemoryScope scope, MemoryScope.Registration candidate, MemoryPool pool, long wanted) {
        long[] before = new long[1];
        long said =
                ledger.readLong(
                        () -> {
                            before[0] = used(scope, pool);
                            candidate.grew = false;
                            return candidate.reclaimer.reclaimableBytes();
                        });
        if (said <= 0) {
            return 0;
        }
        candidate.reclaimer.reclaim(wanted);
        return ledger.readLong(
                () -> {
                    forEachInside(scope, this::takeBackUnused);
                    long given = before[0] - used(scope, pool);
                    // What it gave may have been granted to its own owner, and be given again.
                    if (given <= 0 && !candidate.grew) {
                        candidate.dryBytes = said;
                    }
                    return Math.max(0, given);
                });
    }

    private void takeBackUnused(MemoryScope scope) {
        for (Lease lease : scope.leases) {
            if (lease instanceof PageLease pageLease) {
                ledger.charges().takeBack(pageLease, true);
            }
        }
    }

    /// What the scope and those inside it are charged for that could serve the pool.
    private long used(MemoryScope scope, MemoryPool pool) {
        long bytes = arbiter.owners().servable(scope, pool);
        for (MemoryScope child : scope.children) {
            bytes += used(child, pool);
        }
        return bytes;
    }

    private void answered(MemoryScope scope, MemoryScope.Ask ask, long given) {
        long now = options.nanoClock().getAsLong();
        arbiter.events().answered(scope, ask, given, now - ask.sinceNanos);
        note(ask.pool, "'%s' gave %s".formatted(scope.owner(), MemorySize.text(given)));
        if (scope.ask == ask) {
            scope.ask = null;
            reroute(scope.root());
        }
        arbiter.advance();
    }

    private static void note(MemoryPool pool, String what) {
        Ticket first = pool.waiting.peek();
        if (first != null) {
            first.tried.add(what);
        }
    }

    /// The scope has more now than when its reclaimers had nothing to give.
    static void granted(MemoryScope owner) {
        for (MemoryScope scope = owner; scope != null; scope = scope.parent) {
            for (MemoryScope.Registration registration : scope.registrations) {
                registration.dryBytes = -1;
                registration.grew = true;
            }
        }
    }
}
