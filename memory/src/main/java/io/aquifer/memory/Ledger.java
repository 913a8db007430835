package io.aquifer.memory;

import io.aquifer.memory.space.PageSpace;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
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
    private static final int SCARCE_SHARE = 32;

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
        this.ends = new ScopeEnds(this, grants);
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

    private void unlock() {
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
                });
    }

    void guarantee(MemoryScope scope, MemoryPool pool, long bytes) {
        run(
                () -> {
                    scope.requireOpen();
                    if (bytes < 0) {
                        throw MemoryUseException.negativeBytes(scope.owner(), bytes);
                    }
                    long before = unusedGuarantee(scope, pool);
                    long old = scope.guaranteedBytes[pool.index];
                    scope.guaranteedBytes[pool.index] = bytes;
                    long more = unusedGuarantee(scope, pool) - before;
                    if (!findRoom(pool, more)) {
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
                    takeBack(lease, true);
                    MemoryPool pool = lease.pool;
                    charge(lease, to);
                    // What the old owner is guaranteed and no longer holds must be free for it.
                    if (pool.freeBytes() < 0 && !findRoom(pool, 0)) {
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
        discharge(lease.scope, lease.pool, bytes);
        charge(to, lease.pool, bytes);
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

    // Requests.

    long allocatePage(PageLease lease, boolean required) {
        Ticket ticket = request(lease, 1, PAGE, required);
        return ticket.state == Ticket.State.GRANTED ? pages.address(ticket.pages[0]) : 0;
    }

    long[] allocatePages(PageLease lease, int count) {
        Ticket ticket = request(lease, count, (long) count * PAGE, true);
        long[] addresses = new long[count];
        Arrays.setAll(addresses, i -> pages.address(ticket.pages[i]));
        return addresses;
    }

    boolean reserve(ByteLease lease, long bytes, boolean required) {
        return request(lease, 0, bytes, required).state == Ticket.State.GRANTED;
    }

    /// Asks for memory, and waits for it if it is required and somebody may give it back.
    ///
    /// @return a ticket that is granted; or denied, if the request was not required
    private Ticket request(Lease lease, int pageCount, long bytes, boolean required) {
        Ticket ticket = submit(Thread.currentThread(), lease, pageCount, bytes, required);
        if (ticket.state == Ticket.State.WAITING) {
            arbiter.await(ticket);
            traceOutcome(ticket);
        }
        MemoryException failure = ticket.failure;
        if (failure != null) {
            failure.fillInStackTrace();
            throw failure;
        }
        return ticket;
    }

    /// Asks for memory without waiting for it: a required request may be waiting afterwards.
    ///
    /// @param thread who will wait then
    Ticket submit(Thread thread, Lease lease, int pageCount, long bytes, boolean required) {
        boolean sharedAsked = false;
        while (true) {
            lock.lock();
            try {
                lease.requireOpen();
                if (bytes < 0) {
                    throw MemoryUseException.negativeBytes(lease.ownerText(), bytes);
                }
                Ticket ticket = new Ticket(thread, lease, pageCount, bytes);
                if (giveUnused(ticket)) {
                    return ticket;
                }
                if (arbiter.grantAtOnce(ticket)) {
                    updateScarcity(lease.pool);
                    traceRequest(ticket, required);
                    return ticket;
                }
                if (sharedAsked || !arbiter.canAskShared(lease.pool, required)) {
                    arbiter.denyOrEnqueue(ticket, required);
                    updateScarcity(lease.pool);
                    traceRequest(ticket, required);
                    return ticket;
                }
            } finally {
                unlock();
            }
            arbiter.askShared(bytes);
            sharedAsked = true;
        }
    }

    private void traceRequest(Ticket ticket, boolean required) {
        if (trace.isOn()) {
            MemoryScope scope = ticket.lease.scope;
            String pool = ticket.pool().name();
            for (MemoryScope.Registration registration : scope.registrations) {
                Reclaimer reclaimer = registration.reclaimer;
                long reclaimable = reclaimer.reclaimableBytes();
                trace.reclaimable(scope.id, pool, reclaimable, reclaimer.rung());
            }
            trace.requested(scope.id, pool, ticket.bytes, required);
            if (ticket.state == Ticket.State.DENIED) {
                trace.refused(scope.id, pool, ticket.bytes);
            }
        }
    }

    private void traceOutcome(Ticket ticket) {
        if (ticket.state == Ticket.State.GRANTED) {
            trace.granted(ticket.lease.scope.id, ticket.pool().name(), ticket.bytes);
        } else {
            trace.refused(ticket.lease.scope.id, ticket.pool().name(), ticket.bytes);
        }
    }

    /// Grants one page out of those that the lease has and does not use.
    private static boolean giveUnused(Ticket ticket) {
        if (ticket.pageCount == 1 && ticket.lease instanceof PageLease pageLease) {
            int page = pageLease.pollUnused();
            if (page >= 0) {
                ticket.pages = new int[] {page};
                ticket.state = Ticket.State.GRANTED;
                return true;
            }
        }
        return false;
    }

    void release(ByteLease lease, long bytes) {
        run(
                () -> {
                    lease.requireOpen();
                    if (bytes < 0) {
                        throw MemoryUseException.negativeBytes(lease.ownerText(), bytes);
                    }
                    if (bytes > lease.bytes) {
                        throw MemoryUseException.releaseBeyondHeld(
                                lease.ownerText(), bytes, lease.bytes);
                    }
                    lease.bytes -= bytes;
                    uncharge(lease.scope, lease.pool, bytes);
                    arbiter.settle();
                });
    }

    /// Keeps the page's extent for its owner, where views end with extents.
    void keepForViews(MemoryScope scope, int page) {
        run(
                () -> {
                    if (!pages.keepForViews(page)) {
                        throw MemoryExhaustedException.noExtentForView(scope.owner());
                    }
                });
    }

    /// Throws what is wrong with a release, or with a view.
    ///
    /// @param verb what was tried: `release` or `show`
    void explainRefusal(PageLease lease, String verb, long address) {
        run(
                () -> {
                    lease.requireOpen();
                    int page = pages.pageAt(address);
                    if (page < 0) {
                        throw MemoryUseException.notAPage(lease.ownerText(), verb, address);
                    }
                    PageLease holder = pages.holder(page);
                    if (holder == null
                            || holder == lease
                            || pages.keeper(page) == PageTable.NOBODY) {
                        throw MemoryUseException.pageNotHeld(lease.ownerText(), verb, address);
                    }
                    throw MemoryUseException.pageOfAnother(
                            lease.ownerText(), verb, address, holder.ownerText());
                });
    }

    /// Takes unused pages of a lease back into its pool.
    void takeBackUnused(PageLease lease) {
        run(
                () -> {
                    if (!lease.closed) {
                        takeBack(lease, lease.pool.scarce || pages.isChecked());
                        arbiter.settle();
                        updateScarcity(lease.pool);
                    }
                });
    }

    // The ends of leases, scopes and the ledger.

    void closeLease(Lease lease) {
        run(
                () -> {
                    if (!lease.closed) {
                        lease.scope.leases.remove(lease);
                        long bytes = lease.granted();
                        arbiter.leaseEnded(lease);
                        lease.shut(false);
                        if (lease instanceof PageLease pageLease) {
                            grants.releaseAll(pageLease);
                            purger.wake();
                        } else if (lease instanceof ByteLease byteLease) {
                            byteLease.bytes = 0;
                        }
                        uncharge(lease.scope, lease.pool, bytes);
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

    /// Decommits all released pages, and lets those be used again that an IO operation kept.
    void purge() {
        run(() -> ends.retry());
        for (MemoryPool pool : List.of(managed, network)) {
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
                        takeBackUnused(managed);
                        takeBackUnused(network);
                        shrinkTotal();
                    }
                    arbiter.owners().changed();
                    arbiter.advance();
                    pools().forEach(this::setScarce);
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

    /// Whether the pool has room for `bytes` more of this scope's, after raising its limit and
    /// taking what others do not use, if need be. If not, only unused pages have moved.
    boolean ensureRoom(MemoryScope scope, MemoryPool pool, long bytes) {
        return hasRoom(scope, pool, bytes)
                || takeBackUnused(pool) > 0 && hasRoom(scope, pool, bytes)
                || pool.isOffHeap()
                        && takeBackUnused(lending.lenderTo(pool)) > 0
                        && hasRoom(scope, pool, bytes);
    }

    /// Looks for `bytes` that nobody was granted or guaranteed.
    private boolean findRoom(MemoryPool pool, long bytes) {
        if (hasRoom(pool, bytes)) {
            return true;
        }
        boolean found = takeBackUnused(pool) > 0 && hasRoom(pool, bytes);
        if (!found && pool.isOffHeap()) {
            found = takeBackUnused(lending.lenderTo(pool)) > 0 && hasRoom(pool, bytes);
        }
        return found;
    }

    private boolean hasRoom(MemoryScope scope, MemoryPool pool, long bytes) {
        long beyondGuarantee = bytes - unusedGuarantee(scope, pool);
        return beyondGuarantee <= 0 || hasRoom(pool, beyondGuarantee);
    }

    private boolean hasRoom(MemoryPool pool, long bytes) {
        long free = pool.freeBytes();
        return bytes <= free || lending.makeRoom(pool, bytes - free);
    }

    /// Takes back what a scope's own leases of the pool do not use.
    void takeBackUnused(MemoryScope scope, MemoryPool pool) {
        for (Lease lease : scope.leases) {
            if (lease.pool == pool && lease instanceof PageLease pageLease) {
                takeBack(pageLease, true);
            }
        }
    }

    /// Takes back what any lease of the pool does not use.
    ///
    /// While the pool is scarce no page changes hands without the lock. So if nothing is found
    /// there was a moment at which all was used; without that, a page could be released to a lease
    /// that was looked at while an unused one is taken from a lease that was not, and a request
    /// would be refused although there was room for it all the time.
    ///
    /// @return how many bytes
    private long takeBackUnused(MemoryPool pool) {
        pool.scarce = true;
        long[] taken = {0};
        forEachLease(
                lease -> {
                    if (lease.pool == pool && lease instanceof PageLease pageLease) {
                        taken[0] += takeBack(pageLease, true);
                    }
                });
        setScarce(pool);
        return taken[0];
    }

    /// Takes unused pages of a lease back into its pool.
    ///
    /// @return how many bytes
    long takeBack(PageLease lease, boolean all) {
        long bytes = (long) grants.takeBack(lease, all) * PAGE;
        if (bytes > 0) {
            uncharge(lease.scope, lease.pool, bytes);
            purger.wake();
        }
        return bytes;
    }

    /// Gives a ticket what it asks for, which there is room for, and some pages more if it is only
    /// one and there are plenty.
    ///
    /// @return false if the operating system refused; nothing has changed and the ticket is denied
    boolean give(Ticket ticket) {
        Lease lease = ticket.lease;
        MemoryPool pool = lease.pool;
        if (lease.closed) {
            ticket.deny(MemoryUseException.leaseClosed(lease.ownerText(), lease.closedByScope));
            return false;
        }
        charge(lease.scope, pool, ticket.bytes);
        if (lease instanceof ByteLease byteLease) {
            byteLease.bytes += ticket.bytes;
            dirty.shrinkTo(pool, pool.limitBytes);
        } else if (lease instanceof PageLease pageLease) {
            int[] granted = grants.grant(pageLease, ticket.pageCount);
            if (granted == null) {
                discharge(lease.scope, pool, ticket.bytes);
                ticket.deny(
                        MemoryExhaustedException.refusedBySystem(
                                ticket.what(),
                                lease.ownerText(),
                                ticket.bytes,
                                pages.space().residentBytes()));
                return false;
            }
            ticket.pages = granted;
            if (ticket.pageCount == 1 && !pool.scarce) {
                long mine = lease.scope.ceilingBytes[pool.index] - charged(lease.scope, pool);
                int ahead = grants.grantAhead(pageLease, Math.min(pool.freeBytes(), mine));
                charge(lease.scope, pool, (long) ahead * PAGE);
                if (ahead > 0) {
                    trace.requested(lease.scope.id, pool.name(), (long) ahead * PAGE, false);
                }
            }
        }
        pool.chargedBytesMax = Math.max(pool.chargedBytesMax, pool.chargedBytes);
        ticket.state = Ticket.State.GRANTED;
        return true;
    }

    /// Undoes [#give] for a ticket that nobody will use.
    void giveBack(Ticket ticket) {
        Lease lease = ticket.lease;
        if (lease.closed) {
            return;
        }
        if (lease instanceof ByteLease byteLease) {
            release(byteLease, ticket.bytes);
        } else if (lease instanceof PageLease pageLease) {
            for (int page : ticket.pages) {
                pageLease.releasePage(pages.address(page));
            }
        }
    }

    private static long charged(MemoryScope scope, MemoryPool pool) {
        return scope.chargedBytes[pool.index];
    }

    private void charge(MemoryScope scope, MemoryPool pool, long bytes) {
        long before = unusedGuarantee(scope, pool);
        scope.chargedBytes[pool.index] += bytes;
        pool.guaranteedUnusedBytes += unusedGuarantee(scope, pool) - before;
        pool.chargedBytes += bytes;
    }

    void uncharge(MemoryScope scope, MemoryPool pool, long bytes) {
        discharge(scope, pool, bytes);
        if (bytes > 0) {
            trace.released(scope.id, pool.name(), bytes);
        }
    }

    /// Takes bytes off the books without telling the trace.
    void discharge(MemoryScope scope, MemoryPool pool, long bytes) {
        long before = unusedGuarantee(scope, pool);
        scope.chargedBytes[pool.index] -= bytes;
        pool.guaranteedUnusedBytes += unusedGuarantee(scope, pool) - before;
        pool.chargedBytes -= bytes;
    }

    /// Gives up what a scope was guaranteed and does not hold.
    void endGuarantees(MemoryScope scope) {
        for (MemoryPool pool : pools()) {
            pool.guaranteedUnusedBytes -= unusedGuarantee(scope, pool);
            scope.guaranteedBytes[pool.index] = 0;
        }
    }

    private static long unusedGuarantee(MemoryScope scope, MemoryPool pool) {
        return Math.max(0, scope.guaranteedBytes[pool.index] - scope.chargedBytes[pool.index]);
    }

    /// Finds out whether a pool is scarce, and the one that could lend to it.
    void updateScarcity(MemoryPool pool) {
        setScarce(pool);
        if (pool.isOffHeap()) {
            setScarce(lending.lenderTo(pool));
        }
    }

    private void setScarce(MemoryPool pool) {
        long left = pool.freeBytes() + lending.roomFor(pool);
        boolean scarce =
                !pool.waiting.isEmpty()
                        || pool.isOffHeap() && !lending.lenderTo(pool).waiting.isEmpty()
                        || left < lending.reachable(pool) / SCARCE_SHARE
                        || totalBytes > targetBytes;
        if (scarce != pool.scarce) {
            pool.scarce = scarce;
        }
    }
}
