package io.aquifer.memory;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// How scopes end: at once for whoever calls them, and for their memory when the last thread has
/// left. Guarded by the ledger's lock where nothing else is said.
///
/// | Step       | What happens                                                              |
/// |------------|---------------------------------------------------------------------------|
/// | shut       | every later call of the scope, its inner scopes and its leases throws      |
/// | revoke     | every view throws; without the lock, since it stops all threads for a moment |
/// | quarantine | what it holds leaves the pools' limits and is charged for itself          |
/// | release    | when nobody is inside what ended together: the pools have it back         |
///
/// If views were given, the release is not before [#REST_NANOS] after their end. Closing a shared
/// arena throws out whoever is in the middle of an access, but until JDK 27
/// ([JDK-8364167](https://github.com/openjdk/jdk/pull/30436)) it does not wait until they are out:
/// one more store may follow. Who is inside the scope is waited for in any case; the rest is for
/// those that use views and never entered.
final class ScopeEnds {
    /// A thread that is to be thrown out has been, if it has run at all since.
    static final long REST_NANOS = Purger.LOOK.toNanos();

    private final Ledger ledger;
    private final PageGrants grants;
    private final LongSupplier nanoClock;
    private final Set<MemoryScope> quarantined = new LinkedHashSet<>();
    private long quarantineBytes;

    ScopeEnds(Ledger ledger, PageGrants grants, LongSupplier nanoClock) {
        this.ledger = ledger;
        this.grants = grants;
        this.nanoClock = nanoClock;
    }

    long quarantineBytes() {
        return quarantineBytes;
    }

    Set<MemoryScope> quarantined() {
        return quarantined;
    }

    /// An end under way.
    ///
    /// @param ended the scope and those inside it that were open
    record End(MemoryScope scope, List<Leak> leaks, List<MemoryScope> ended) {}

    /// Ends a scope and those inside it. Called without the lock.
    LeakReport close(MemoryScope scope) {
        End end = begin(scope);
        for (MemoryScope each : end.ended) {
            each.views().revoke();
        }
        return finish(end, Thread.currentThread());
    }

    /// The first step. Called without the lock.
    End begin(MemoryScope scope) {
        End end = new End(scope, new ArrayList<>(), new ArrayList<>());
        ledger.run(() -> shut(scope, end.leaks, end.ended));
        return end;
    }

    /// The last steps. Called without the lock.
    ///
    /// @param thread who ends it, and is inside no more
    LeakReport finish(End end, Thread thread) {
        ledger.run(
                () -> {
                    for (MemoryScope each : end.ended) {
                        each.entries.removeIf(entry -> entry.thread == thread);
                        quarantine(each, end.ended);
                    }
                    end.ended.forEach(this::release);
                    for (MemoryScope each : end.ended) {
                        Quarantine held = each.quarantine;
                        if (held != null && !held.onlyRests()) {
                            ledger.arbiter().events().quarantined(each, held);
                        }
                    }
                    ledger.arbiter().owners().changed();
                    ledger.arbiter().advance();
                });
        LeakReport report = new LeakReport(end.scope.owner(), end.leaks);
        ledger.arbiter().events().leaked(report);
        return report;
    }

    private void shut(MemoryScope scope, List<Leak> leaks, List<MemoryScope> ended) {
        if (scope.closed) {
            return;
        }
        scope.closed = true;
        for (MemoryScope child : List.copyOf(scope.children)) {
            shut(child, leaks, ended);
        }
        for (Lease lease : scope.leases) {
            leaks.add(lease.asLeak());
            lease.shut(true);
        }
        scope.registrations.clear();
        ledger.arbiter().scopeEnded(scope);
        ledger.trace().closed(scope.id);
        ended.add(scope);
    }

    private void quarantine(MemoryScope scope, List<MemoryScope> together) {
        Quarantine held = new Quarantine(together);
        for (Lease lease : scope.leases) {
            long bytes = lease.granted();
            if (lease instanceof PageLease pageLease) {
                grants.keepApart(pageLease, held.pages);
            } else if (lease instanceof ByteLease byteLease) {
                byteLease.bytes = 0;
            }
            ledger.charges().discharge(scope, lease.pool, bytes);
            lease.pool.limitBytes -= bytes;
            lease.pool.leaseCount--;
            held.bytes[lease.pool.index] += bytes;
            quarantineBytes += bytes;
        }
        scope.leases.clear();
        ledger.charges().endGuarantees(scope);
        MemoryScope parent = scope.parent;
        (parent == null ? ledger.roots() : parent.children).remove(scope);
        scope.quarantine = held;
        quarantined.add(scope);
    }

    /// A thread has left.
    void left(MemoryScope.Entry entry) {
        if (entry.scope.entries.remove(entry)) {
            Quarantine held = entry.scope.quarantine;
            if (held != null) {
                held.together.forEach(this::release);
            }
            ledger.arbiter().threadsChanged(entry.scope);
            ledger.arbiter().advance();
        }
    }

    /// Tries again to release what only an IO operation under way kept, or the rest after views.
    void retry() {
        releaseRested();
        ledger.arbiter().advance();
    }

    /// As [#retry], for a caller that goes on to grant what waits.
    void releaseRested() {
        if (!quarantined.isEmpty()) {
            List.copyOf(quarantined).forEach(this::release);
        }
    }

    /// Whether something waits for the end of an IO operation or of a rest, of which nobody tells.
    boolean mustRetry() {
        return quarantined.stream()
                .anyMatch(
                        scope -> scope.quarantine != null && scope.quarantine.threads().isEmpty());
    }

    private boolean rests(MemoryScope scope, Quarantine held) {
        if (!scope.views().wereGiven()) {
            return false;
        }
        long now = nanoClock.getAsLong();
        if (!held.rests) {
            held.rests = true;
            held.restsUntilNanos = now + REST_NANOS;
        }
        return now - held.restsUntilNanos < 0;
    }

    private void release(MemoryScope scope) {
        Quarantine held = scope.quarantine;
        if (held == null) {
            return;
        }
        boolean viewsEnded = grants.endViews(scope, held.pages) && scope.views().revoke();
        if (!viewsEnded || rests(scope, held) || !held.threads().isEmpty()) {
            ledger.purger().wake();
            return;
        }
        scope.quarantine = null;
        quarantined.remove(scope);
        for (MemoryPool pool : ledger.pools()) {
            pool.limitBytes += held.bytes[pool.index];
            quarantineBytes -= held.bytes[pool.index];
        }
        // Which pool has the pages does not matter, as long as they are charged somewhere.
        grants.free(
                scope,
                held.pages,
                held.bytes[ledger.managed.index] > 0 ? ledger.managed : ledger.network);
        ledger.purger().wake();
    }
}
