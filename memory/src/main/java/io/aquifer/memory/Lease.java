package io.aquifer.memory;

import java.util.Locale;

/// What both kinds of lease share: a pool, an owner, and an end. Guarded by the ledger's lock
/// unless a field says otherwise.
abstract sealed class Lease permits PageLease, ByteLease {
    final MemoryPool pool;
    final String name;
    final LeaseSite site;
    final Retention retention;

    /// Whose it is; changes when the lease moves. Read without the lock where either owner will do.
    volatile MemoryScope scope;

    long epoch;

    /// Read without the lock by those who need no exact answer.
    volatile boolean closed;

    boolean closedByScope;

    Lease(MemoryScope scope, MemoryPool pool, String name, Retention retention) {
        this.scope = scope;
        this.pool = pool;
        this.name = name;
        this.retention = retention;
        this.site = LeaseSite.here();
    }

    /// Who holds it: the scope's owner, ` / ` and the lease's name.
    final String ownerText() {
        return scope.owner() + " / " + name;
    }

    /// What the holder has.
    abstract long held();

    /// What was granted: held, or unused.
    abstract long granted();

    abstract Leak.Kind kind();

    /// Makes every later call fail; what was granted is the caller's to take.
    void shut(boolean byScope) {
        closedByScope = byScope;
        closed = true;
    }

    Leak asLeak() {
        return new Leak(ownerText(), kind(), pool.name(), held(), site.text());
    }

    void requireOpen() {
        if (closed) {
            throw MemoryUseException.leaseClosed(ownerText(), closedByScope);
        }
    }

    static String pagesText(long count) {
        return String.format(
                Locale.ROOT,
                "%,d %s (%s)",
                count,
                count == 1 ? "page" : "pages",
                MemorySize.text(count * MemoryManager.PAGE_SIZE_BYTES));
    }
}
