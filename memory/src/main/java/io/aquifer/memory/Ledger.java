package io.aquifer.memory;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.memory.space.AddressSpace;
import io.aquifer.memory.space.PageSpace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The books of one [MemoryManager]: one lock, exact at every moment.
///
/// **Invariants** whenever the lock is free: for each pool `held <= resident <= limit`; the limits,
/// the reserve and the quarantine add up to the total; every page is in one place (see
/// [PageTable]). From the first two follows that a clean page exists whenever a pool without dirty
/// pages has room for one.
///
/// Memory is allocated page-wise, so the lock is taken rarely. Decommitting happens under it, in
/// batches of [#BATCH_PAGES], so that nobody waits longer than one batch takes.
final class Ledger {
    static final int BATCH_PAGES = 512;
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    final MemoryPool managed;
    final MemoryPool managedHeap;
    final MemoryPool operation;
    final MemoryPool network;

    private final ReentrantLock lock = new ReentrantLock();
    private final long totalBytes;
    private final long quarantineBytes = 0;
    private final PageTable pages;
    private final DirtyPages dirty;
    private final Governor governor;
    private final Set<MemoryScope> scopes = new LinkedHashSet<>();
    private long reserveBytes;
    private int lastScopeId;
    private boolean closed;

    Ledger(MemoryPlan plan, PageSpace space) {
        this.totalBytes = plan.totalBytes();
        this.reserveBytes = plan.reserveBytes();
        this.pages = new PageTable(space);
        this.dirty = new DirtyPages(pages);
        this.managed = new MemoryPool("managed", true, plan.managedBytes(), this);
        this.managedHeap = new MemoryPool("managed-heap", false, plan.managedHeapBytes(), this);
        this.operation = new MemoryPool("operation", false, plan.operationBytes(), this);
        this.network = new MemoryPool("network", true, plan.networkBytes(), this);
        this.governor = new ElasticGovernor(this, plan);
    }

    <T> T read(Supplier<T> figure) {
        lock.lock();
        try {
            return figure.get();
        } finally {
            lock.unlock();
        }
    }

    long readLong(LongSupplier figure) {
        lock.lock();
        try {
            return figure.getAsLong();
        } finally {
            lock.unlock();
        }
    }

    MemoryScope openScope(String owner) {
        lock.lock();
        try {
            if (closed) {
                throw MemoryUseException.managerClosed();
            }
            MemoryScope scope = new MemoryScope(this, owner, ++lastScopeId);
            scopes.add(scope);
            return scope;
        } finally {
            lock.unlock();
        }
    }

    void register(MemoryScope scope, Lease lease) {
        lock.lock();
        try {
            if (scope.closed) {
                throw MemoryUseException.scopeClosed(scope.owner());
            }
            scope.leases.add(lease);
        } finally {
            lock.unlock();
        }
    }

    /// A page's address; if there is no room, 0 or an exception.
    long allocatePage(PageLease lease, boolean required) {
        long address;
        boolean foreign;
        lock.lock();
        try {
            lease.requireOpen();
            MemoryPool pool = lease.pool;
            if (!ensureRoom(pool, PAGE)) {
                if (required) {
                    throw exhausted(Lease.pagesText(1), lease, PAGE);
                }
                return 0;
            }
            int page;
            if (pool.dirty.count() > 0) {
                page = pages.takeNewest(pool.dirty);
                foreign = pages.lastScope(page) != lease.scope.id;
            } else {
                page = takeClean(lease, required);
                foreign = false;
                if (page < 0) {
                    return 0;
                }
            }
            pages.push(lease.pages, page, lease, lease.scope.id);
            pool.charge(PAGE);
            address = pages.address(page);
        } finally {
            lock.unlock();
        }
        if (foreign) {
            PageAccess.fill(address, PAGE, (byte) 0);
        }
        return address;
    }

    void releasePage(PageLease lease, long address) {
        lock.lock();
        try {
            lease.requireOpen();
            int page = pages.pageAt(address);
            if (page < 0) {
                throw MemoryUseException.notAPage(lease.owner, address, "no page starts there");
            }
            PageLease holder = pages.holder(page);
            if (holder == null) {
                throw MemoryUseException.pageNotHeld(lease.owner, address);
            }
            if (holder != lease) {
                throw MemoryUseException.pageOfAnother(lease.owner, address, holder.owner);
            }
            dirty.add(lease, page);
            dirty.trim(lease.pool);
        } finally {
            lock.unlock();
        }
    }

    boolean reserve(ByteLease lease, long bytes, boolean required) {
        lock.lock();
        try {
            lease.requireOpen();
            if (bytes < 0) {
                throw MemoryUseException.negativeBytes(lease.owner, bytes);
            }
            if (!ensureRoom(lease.pool, bytes)) {
                if (required) {
                    throw exhausted(MemorySize.text(bytes), lease, bytes);
                }
                return false;
            }
            dirty.shrinkTo(lease.pool, lease.pool.limitBytes - bytes);
            lease.bytes += bytes;
            lease.pool.charge(bytes);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void release(ByteLease lease, long bytes) {
        lock.lock();
        try {
            lease.requireOpen();
            if (bytes < 0) {
                throw MemoryUseException.negativeBytes(lease.owner, bytes);
            }
            if (bytes > lease.bytes) {
                throw MemoryUseException.releaseBeyondHeld(lease.owner, bytes, lease.bytes);
            }
            lease.bytes -= bytes;
            lease.pool.heldBytes -= bytes;
        } finally {
            lock.unlock();
        }
    }

    /// Ends a lease; its pages become dirty up to the cap and clean beyond it.
    void closeLease(Lease lease) {
        lock.lock();
        try {
            if (lease.closed) {
                return;
            }
            lease.closed = true;
            lease.scope.leases.remove(lease);
            if (lease instanceof ByteLease byteLease) {
                returnBytes(byteLease);
            }
        } finally {
            lock.unlock();
        }
        if (lease instanceof PageLease pageLease) {
            int[] keep = returnPages(pageLease, DirtyPages.most(lease.pool) / 2);
            lock.lock();
            try {
                for (int page : keep) {
                    dirty.add(pageLease, page);
                }
                dirty.trim(lease.pool);
            } finally {
                lock.unlock();
            }
        }
    }

    LeakReport closeScope(MemoryScope scope) {
        List<Lease> open;
        LeakReport report;
        lock.lock();
        try {
            scopes.remove(scope);
            scope.closed = true;
            open = List.copyOf(scope.leases);
            report = new LeakReport(scope.owner(), open.stream().map(Lease::asLeak).toList());
            scope.leases.clear();
            for (Lease lease : open) {
                lease.closed = true;
                lease.closedByScope = true;
                if (lease instanceof ByteLease byteLease) {
                    returnBytes(byteLease);
                }
            }
        } finally {
            lock.unlock();
        }
        for (Lease lease : open) {
            if (lease instanceof PageLease pageLease) {
                returnPages(pageLease, 0);
            }
        }
        lock.lock();
        try {
            for (MemoryPool pool : List.of(managed, network)) {
                dirty.cleanOfScope(pool, scope.id);
            }
        } finally {
            lock.unlock();
        }
        return report;
    }

    /// Ends the ledger and every scope still open; reports those that left leases open.
    List<LeakReport> close() {
        List<MemoryScope> open;
        lock.lock();
        try {
            if (closed) {
                return List.of();
            }
            closed = true;
            open = List.copyOf(scopes);
        } finally {
            lock.unlock();
        }
        List<LeakReport> reports = new ArrayList<>();
        for (MemoryScope scope : open) {
            LeakReport report = closeScope(scope);
            if (!report.isEmpty()) {
                reports.add(report);
            }
        }
        lock.lock();
        try {
            for (MemoryPool pool : List.of(managed, network)) {
                dirty.shrinkTo(pool, pool.heldBytes);
            }
            pages.space().close(reports.isEmpty() && managed.heldBytes + network.heldBytes == 0);
        } finally {
            lock.unlock();
        }
        return reports;
    }

    MemoryStatistics statistics() {
        lock.lock();
        try {
            return snapshot();
        } finally {
            lock.unlock();
        }
    }

    // The governor's view; called with the lock held.

    long reserveBytes() {
        return reserveBytes;
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

    // Called with the lock held.

    /// A clean page; if the operating system has no memory for it, -1 or an exception. The pool's
    /// limit may have grown by then, what is held has not.
    private int takeClean(PageLease lease, boolean required) {
        try {
            return pages.takeClean();
        } catch (OutOfMemoryError refused) {
            if (required) {
                throw MemoryExhaustedException.refusedBySystem(
                        Lease.pagesText(1), lease.owner, PAGE, pages.space().residentBytes());
            }
            return -1;
        }
    }

    private boolean ensureRoom(MemoryPool pool, long bytes) {
        return pool.fits(bytes)
                || governor.makeRoom(pool, bytes - (pool.limitBytes - pool.heldBytes));
    }

    private MemoryExhaustedException exhausted(String what, Lease lease, long bytes) {
        return MemoryExhaustedException.poolFull(what, lease.owner, bytes, lease.pool, snapshot());
    }

    private void returnBytes(ByteLease lease) {
        lease.pool.heldBytes -= lease.bytes;
        lease.bytes = 0;
    }

    /// Decommits the pages of a closed lease but `keepMax`, batch by batch; returns those kept.
    private int[] returnPages(PageLease lease, int keepMax) {
        int[] held = read(() -> pages.sorted(lease.pages));
        int keep = Math.min(keepMax, held.length);
        for (int from = keep; from < held.length; from += BATCH_PAGES) {
            int to = Math.min(held.length, from + BATCH_PAGES);
            lock.lock();
            try {
                for (int i = from; i < to; i++) {
                    pages.remove(lease.pages, held[i]);
                }
                pages.putClean(held, from, to);
                lease.pool.heldBytes -= (long) (to - from) * PAGE;
            } finally {
                lock.unlock();
            }
        }
        return Arrays.copyOf(held, keep);
    }

    private MemoryStatistics snapshot() {
        List<Holder> holders = new ArrayList<>();
        for (MemoryScope scope : scopes) {
            for (Lease lease : scope.leases) {
                if (lease.held() > 0) {
                    holders.add(new Holder(lease.owner, lease.pool.name(), lease.held()));
                }
            }
        }
        holders.sort(Comparator.comparingLong(Holder::bytes).reversed());
        return new MemoryStatistics(
                totalBytes,
                managed.statistics(),
                managedHeap.statistics(),
                operation.statistics(),
                network.statistics(),
                reserveBytes,
                quarantineBytes,
                pages.space().residentBytes(),
                holders,
                AddressSpace.MAPPED ? PageMode.MAPPED : PageMode.PORTABLE,
                Pressure.of(managed.heldBytes, managed.limitBytes + governor.roomFor(managed)));
    }
}
