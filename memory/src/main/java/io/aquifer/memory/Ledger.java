package io.aquifer.memory;

import io.aquifer.memory.space.PageSpace;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The books of one [MemoryManager]: one lock, exact at every moment.
///
/// **Invariants** whenever the lock is free: for each pool `charged <= resident <= limit` and
/// `charged + guaranteed and unused <= limit`; the limits, the reserve and the quarantine add up to
/// the total; every page is in one place (see [PageTable]). From these follows that a clean page
/// exists whenever a pool without dirty pages has room for one. What is charged is what was granted
/// to leases; they may hold less.
///
/// Pages are granted a few at a time, so the lock is taken rarely. It is never held while somebody
/// waits, and nobody is called under it but for a [Reclaimer]'s estimate, an [AllocationPolicy] and
/// a [Throttle]. Whom a change wakes is called when the lock is free again.
///
/// | Order of locks |                                                                       |
/// |----------------|-----------------------------------------------------------------------|
/// | 1              | the ledger's                                                          |
/// | 2              | the latch of a [PageLease]; one at a time, nothing is called under it |
final class Ledger {
    static final int POOLS = 4;
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    final MemoryPool managed;
    final MemoryPool managedHeap;
    final MemoryPool operation;
    final MemoryPool network;

    private final List<MemoryPool> pools;
    private final ReentrantLock lock = new ReentrantLock();
    private final PageTable pages;
    private final DirtyPages dirty;
    private final PageGrants grants;
    private final ScopeEnds ends;
    private final Charges charges;
    private final Requests requests;
    private final Lending lending;
    private final Arbiter arbiter;
    private final Purger purger;
    private final MemoryTrace trace;
    private final Set<MemoryScope> roots = new LinkedHashSet<>();
    private final List<Runnable> afterUnlock = new ArrayList<>();
    private long totalBytes;
    private long targetBytes;
    private long reserveBytes;
    private long epoch;
    private int lastScopeId;
    private boolean closed;

    Ledger(MemoryPlan plan, PageSpace space, MemoryOptions options) {
        this.totalBytes = plan.totalBytes();
        this.targetBytes = totalBytes;
        this.reserveBytes = plan.reserveBytes();
        this.pages = new PageTable(space);
        this.dirty = new DirtyPages(pages);
        this.managed = pool("managed", MemoryType.OFF_HEAP, 0, plan.managedBytes());
        this.managedHeap = pool("managed-heap", MemoryType.HEAP, 1, plan.managedHeapBytes());
        this.operation = pool("operation", MemoryType.HEAP, 2, plan.operationBytes());
        this.network = pool("network", MemoryType.OFF_HEAP, 3, plan.networkBytes());
        this.pools = List.of(managed, managedHeap, operation, network);
        this.grants = new PageGrants(pages, dirty);
        this.ends = new ScopeEnds(this, grants, options.nanoClock());
        this.charges = new Charges(this, grants, dirty);
        this.requests = new Requests(this);
        this.lending = new Lending(this, plan);
        this.arbiter = new Arbiter(this, options);
        this.purger = new Purger(this, options.purging());
        this.trace = MemoryTrace.ofProperty(plan);
    }

    private MemoryPool pool(String name, MemoryType type, int index, long bytes) {
        return new MemoryPool(name, type, index, bytes, this);
    }

    List<MemoryPool> pools() {
        return pools;
    }

    PageTable pages() {
        return pages;
    }

    Arbiter arbiter() {
        return arbiter;
    }

    Charges charges() {
        return charges;
    }

    Requests requests() {
        return requests;
    }

    ScopeEnds ends() {
        return ends;
    }

    Purger purger() {
        return purger;
    }

    MemoryTrace trace() {
        return trace;
    }

    Lending lending() {
        return lending;
    }

    <T extends @Nullable Object> T read(Supplier<T> figure) {
        lock.lock();
        try {
            return figure.get();
        } finally {
            unlock();
        }
    }

    long readLong(LongSupplier figure) {
        lock.lock();
        try {
            return figure.getAsLong();
        } finally {
            unlock();
        }
    }

    void run(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            unlock();
        }
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        List<Runnable> calls = List.of();
        if (lock.getHoldCount() == 1 && !afterUnlock.isEmpty()) {
            calls = List.copyOf(afterUnlock);
            afterUnlock.clear();
        }
        lock.unlock();
        calls.forEach(Runnable::run);
    }

    /// Calls somebody when the lock is free again. Called with the lock held.
    void afterUnlock(Runnable call) {
        afterUnlock.add(call);
    }

    // Scopes and leases.

    MemoryScope openScope(@Nullable MemoryScope parent, String owner, int priority) {
        return read(
                () -> {
                    if (closed) {
                        throw MemoryUseException.managerClosed();
                    }
                    if (parent != null) {
                        parent.requireOpen();
                    }
                    MemoryScope scope =
                            new MemoryScope(this, parent, owner, ++lastScopeId, priority);
                    (parent == null ? roots : parent.children).add(scope);
                    arbiter.owners().changed();
                    trace.opened(scope.id, priority, owner);
                    return scope;
                });
    }

    void register(MemoryScope scope, Lease lease) {
        run(
                () -> {
                    scope.requireOpen();
                    lease.epoch = epoch;
                    scope.leases.add(lease);
                    lease.pool.leaseCount++;
                    purger.wake();
                });
    }

    void guarantee(MemoryScope scope, MemoryPool pool, long bytes) {
        run(
                () -> {
                    scope.requireOpen();
                    if (bytes < 0) {
                        throw MemoryUseException.negativeBytes(scope.owner(), bytes);
                    }
                    long before = Charges.unusedGuarantee(scope, pool);
                    long old = scope.guaranteedBytes[pool.index];
                    scope.guaranteedBytes[pool.index] = bytes;
                    long more = Charges.unusedGuarantee(scope, pool) - before;
                    if (!charges.findRoom(pool, more)) {
                        scope.guaranteedBytes[pool.index] = old;
                        throw MemoryConfigurationException.guaranteesAboveReach(
                                scope.owner(),
                                bytes,
                                pool,
                                lending.reachable(pool),
                                pool.chargedBytes,
                                pool.guaranteedUnusedBytes - before);
                    }
                    pool.guaranteedUnusedBytes += more;
                    trace.guaranteed(scope.id, pool.name(), bytes);
                    arbiter.owners().changed();
                    arbiter.advance();
                });
    }

    void move(PageLease lease, MemoryScope to) {
        run(
                () -> {
                    lease.requireOpen();
                    to.requireOpen();
                    MemoryScope from = lease.scope;
                    if (to.ledger() != this) {
                        throw MemoryUseException.foreignPool(lease.pool.name(), to.owner());
                    }
                    // What is not used holds the former job's bytes; the pool wipes them.
                    charges.takeBack(lease, true);
                    MemoryPool pool = lease.pool;
                    charge(lease, to);
                    // What the old owner is guaranteed and no longer holds must be free for it.
                    if (pool.freeBytes() < 0 && !charges.findRoom(pool, 0)) {
                        long missing = -pool.freeBytes();
                        charge(lease, from);
                        throw MemoryExhaustedException.cannotMove(lease, to, missing, snapshot());
                    }
                    from.leases.remove(lease);
                    to.leases.add(lease);
                    trace.released(from.id, pool.name(), lease.granted());
                    trace.requested(to.id, pool.name(), lease.granted(), true);
                    pages.rename(lease.granted, lease, pages.tenantOf(to));
                    arbiter.advance();
                });
    }

    private void charge(PageLease lease, MemoryScope to) {
        long bytes = lease.granted();
        charges.discharge(lease.scope, lease.pool, bytes);
        charges.charge(to, lease.pool, bytes);
        lease.scope = to;
    }

    MemoryScope.Entry enter(MemoryScope scope, Thread thread) {
        return read(
                () -> {
                    scope.requireOpen();
                    MemoryScope.Entry entry = new MemoryScope.Entry(scope, thread);
                    scope.entries.add(entry);
                    for (MemoryScope each = scope; each != null; each = each.parent) {
                        each.everEntered = true;
                    }
                    arbiter.threadsChanged(scope);
                    return entry;
                });
    }

    void leave(MemoryScope.Entry entry) {
        run(() -> ends.left(entry));
    }

    // The ends of leases, scopes and the ledger.

    void closeLease(Lease lease) {
        run(
                () -> {
                    if (!lease.closed) {
                        lease.scope.leases.remove(lease);
                        lease.pool.leaseCount--;
                        long bytes = lease.granted();
                        arbiter.leaseEnded(lease);
                        lease.shut(false);
                        if (lease instanceof PageLease pageLease) {
                            grants.releaseAll(pageLease);
                            purger.wake();
                        } else if (lease instanceof ByteLease byteLease) {
                            byteLease.bytes = 0;
                        }
                        charges.uncharge(lease.scope, lease.pool, bytes);
                        arbiter.settle();
                    }
                });
    }

    LeakReport closeScope(MemoryScope scope) {
        return ends.close(scope);
    }

    /// Ends the ledger and every scope still open; reports those that left leases open.
    List<LeakReport> close() {
        List<MemoryScope> open = new ArrayList<>();
        boolean first =
                read(
                        () -> {
                            boolean wasOpen = !closed;
                            closed = true;
                            open.addAll(roots);
                            return wasOpen;
                        });
        if (!first) {
            return List.of();
        }
        List<LeakReport> reports = new ArrayList<>();
        for (MemoryScope scope : open) {
            LeakReport report = closeScope(scope);
            if (!report.isEmpty()) {
                reports.add(report);
            }
        }
        purger.stop();
        purge();
        trace.close();
        run(() -> pages.space().close(reports.isEmpty() && ends.quarantined().isEmpty()));
        return reports;
    }

    /// Decommits up to `pageCount` dirty pages of a pool.
    ///
    /// @return how many
    int purge(MemoryPool pool, int pageCount) {
        return (int)
                readLong(
                        () -> {
                            int count = Math.min(pageCount, pool.dirty.count());
                            dirty.clean(pool, count);
                            return count;
                        });
    }

    /// Decommits all released pages, and lets those be used again that an IO operation kept, or the
    /// rest after views.
    void purge() {
        run(() -> ends.retry());
        for (MemoryPool pool : List.of(managed, network)) {
            run(() -> charges.takeBackUnused(pool));
            while (purge(pool, DirtyPages.BATCH_PAGES) > 0) {}
        }
    }

    // Statistics.

    MemoryStatistics statistics() {
        return read(this::snapshot);
    }

    /// Called with the lock held.
    MemoryStatistics snapshot() {
        return Snapshot.of(this);
    }

    /// Goes on to the next checkpoint: leases are as old as the checkpoints since they were taken.
    long advanceEpoch() {
        return readLong(() -> ++epoch);
    }

    List<Leak> suspects(long checkpoints) {
        return read(
                () -> {
                    List<Leak> suspects = new ArrayList<>();
                    forEachLease(
                            lease -> {
                                if (lease.retention == Retention.PINNED
                                        && lease.held() > 0
                                        && epoch - lease.epoch >= checkpoints) {
                                    suspects.add(lease.asLeak());
                                }
                            });
                    return suspects;
                });
    }

    // The total.

    /// Makes `bytes` the total, now as far as memory is idle, and the rest as it comes back.
    void resize(long bytes) {
        run(
                () -> {
                    targetBytes = bytes;
                    if (bytes > totalBytes) {
                        reserveBytes += bytes - totalBytes;
                        totalBytes = bytes;
                    } else {
                        charges.takeBackUnused(managed);
                        charges.takeBackUnused(network);
                        shrinkTotal();
                    }
                    arbiter.owners().changed();
                    arbiter.advance();
                    pools().forEach(charges::updateScarcity);
                });
    }

    /// Takes what is idle out of the total while that is above its target.
    ///
    /// @return whether there was anything idle
    boolean shrinkTotal() {
        long before = totalBytes;
        takeFromReserve();
        for (MemoryPool pool : List.of(network, managed)) {
            long surplus = Math.min(totalBytes - targetBytes, lending.surrenderable(pool));
            if (surplus > 0) {
                dirty.shrinkTo(pool, pool.limitBytes - surplus);
                pool.limitBytes -= surplus;
                reserveBytes += surplus;
                takeFromReserve();
            }
        }
        return totalBytes < before;
    }

    private void takeFromReserve() {
        long surplus = Math.min(totalBytes - targetBytes, reserveBytes);
        if (surplus > 0) {
            reserveBytes -= surplus;
            totalBytes -= surplus;
        }
    }

    // The rest is called with the lock held, by the arbiter, lending, the purger and snapshots.

    boolean isClosed() {
        return closed;
    }

    long totalBytes() {
        return totalBytes;
    }

    long targetBytes() {
        return targetBytes;
    }

    long reserveBytes() {
        return reserveBytes;
    }

    long quarantineBytes() {
        return ends.quarantineBytes();
    }

    Set<MemoryScope> roots() {
        return roots;
    }

    Set<MemoryScope> quarantined() {
        return ends.quarantined();
    }

    void forEachScope(Consumer<MemoryScope> visitor) {
        roots.forEach(root -> forEachScope(root, visitor));
    }

    private static void forEachScope(MemoryScope scope, Consumer<MemoryScope> visitor) {
        visitor.accept(scope);
        scope.children.forEach(child -> forEachScope(child, visitor));
    }

    void forEachLease(Consumer<Lease> visitor) {
        forEachScope(scope -> scope.leases.forEach(visitor));
    }

    long held(MemoryPool pool) {
        long[] held = {0};
        forEachLease(lease -> held[0] += lease.pool == pool ? lease.held() : 0);
        return held[0];
    }

    long availableBytes(MemoryPool pool) {
        long free = pool.limitBytes - held(pool) - pool.guaranteedUnusedBytes;
        return Math.max(0, free) + lending.roomFor(pool) + arbiter.sharedBytes(pool);
    }

    /// Moves `bytes` of the reserve to a pool's limit.
    void grant(MemoryPool pool, long bytes) {
        reserveBytes -= bytes;
        pool.limitBytes += bytes;
    }

    /// Moves `bytes` of idle limit from one pool to another; the lender's dirty pages make way.
    void lend(MemoryPool lender, MemoryPool borrower, long bytes) {
        dirty.shrinkTo(lender, lender.limitBytes - bytes);
        lender.limitBytes -= bytes;
        borrower.limitBytes += bytes;
    }
}
