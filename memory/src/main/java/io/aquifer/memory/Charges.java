package io.aquifer.memory;

/// What is charged to whom, and how room for more is found. Guarded by the ledger's lock.
///
/// **Invariant**, for each pool: what its scopes are charged adds up to what the pool is, and what
/// they are guaranteed beyond that is counted in the pool, so that both together fit below its
/// limit.
final class Charges {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;
    private static final int SCARCE_SHARE = 32;
    private static final int SPARE_SHARE = 16;
    private static final int SPARE_PAGES_MAX = 64;

    private final Ledger ledger;
    private final PageGrants grants;
    private final DirtyPages dirty;

    Charges(Ledger ledger, PageGrants grants, DirtyPages dirty) {
        this.ledger = ledger;
        this.grants = grants;
        this.dirty = dirty;
    }

    /// Whether the pool has room for `bytes` more of this scope's, after raising its limit and
    /// taking what others do not use, if need be. If not, only unused pages have moved.
    boolean ensureRoom(MemoryScope scope, MemoryPool pool, long bytes) {
        return hasRoom(scope, pool, bytes)
                || takeBackUnused(pool) > 0 && hasRoom(scope, pool, bytes)
                || pool.isOffHeap()
                        && takeBackUnused(ledger.lending().lenderTo(pool)) > 0
                        && hasRoom(scope, pool, bytes);
    }

    /// Looks for `bytes` that nobody was granted or guaranteed.
    boolean findRoom(MemoryPool pool, long bytes) {
        if (hasRoom(pool, bytes)) {
            return true;
        }
        boolean found = takeBackUnused(pool) > 0 && hasRoom(pool, bytes);
        if (!found && pool.isOffHeap()) {
            found = takeBackUnused(ledger.lending().lenderTo(pool)) > 0 && hasRoom(pool, bytes);
        }
        return found;
    }

    private boolean hasRoom(MemoryScope scope, MemoryPool pool, long bytes) {
        long beyondGuarantee = bytes - unusedGuarantee(scope, pool);
        return beyondGuarantee <= 0 || hasRoom(pool, beyondGuarantee);
    }

    private boolean hasRoom(MemoryPool pool, long bytes) {
        long free = pool.freeBytes();
        return bytes <= free || ledger.lending().makeRoom(pool, bytes - free);
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
    long takeBackUnused(MemoryPool pool) {
        setSpare(pool, 0);
        long[] taken = {0};
        ledger.forEachLease(
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
        return discharged(lease, grants.takeBack(lease, all));
    }

    /// Takes back what leases did not use since the last call.
    void takeBackIdle() {
        ledger.forEachLease(
                lease -> {
                    if (lease instanceof PageLease pageLease) {
                        discharged(pageLease, grants.takeBackIdle(pageLease));
                    }
                });
    }

    private long discharged(PageLease lease, int pageCount) {
        long bytes = (long) pageCount * PAGE;
        if (bytes > 0) {
            uncharge(lease.scope, lease.pool, bytes);
            ledger.purger().wake();
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
            int[] granted;
            try {
                granted = grants.grant(pageLease, ticket.pageCount);
            } catch (MemoryUseException written) {
                discharge(lease.scope, pool, ticket.bytes);
                throw written;
            }
            if (granted == null) {
                discharge(lease.scope, pool, ticket.bytes);
                ticket.deny(
                        MemoryExhaustedException.refusedBySystem(
                                ticket.what(),
                                lease.ownerText(),
                                ticket.bytes,
                                ledger.pages().space().residentBytes()));
                return false;
            }
            ticket.pages = granted;
            if (ticket.pageCount == 1 && !pool.isScarce()) {
                long mine = lease.scope.ceilingBytes[pool.index] - charged(lease.scope, pool);
                int ahead = grants.grantAhead(pageLease, Math.min(pool.freeBytes(), mine));
                charge(lease.scope, pool, (long) ahead * PAGE);
                if (ahead > 0) {
                    ledger.trace()
                            .requested(lease.scope.id, pool.name(), (long) ahead * PAGE, false);
                }
            }
        }
        pool.chargedBytesMax = Math.max(pool.chargedBytesMax, pool.chargedBytes);
        ticket.state = Ticket.State.GRANTED;
        return true;
    }

    private static long charged(MemoryScope scope, MemoryPool pool) {
        return scope.chargedBytes[pool.index];
    }

    void charge(MemoryScope scope, MemoryPool pool, long bytes) {
        long before = unusedGuarantee(scope, pool);
        scope.chargedBytes[pool.index] += bytes;
        pool.guaranteedUnusedBytes += unusedGuarantee(scope, pool) - before;
        pool.chargedBytes += bytes;
    }

    void uncharge(MemoryScope scope, MemoryPool pool, long bytes) {
        discharge(scope, pool, bytes);
        if (bytes > 0) {
            ledger.trace().released(scope.id, pool.name(), bytes);
        }
    }

    /// Takes bytes off the books without telling the ledger.trace().
    void discharge(MemoryScope scope, MemoryPool pool, long bytes) {
        long before = unusedGuarantee(scope, pool);
        scope.chargedBytes[pool.index] -= bytes;
        pool.guaranteedUnusedBytes += unusedGuarantee(scope, pool) - before;
        pool.chargedBytes -= bytes;
    }

    /// Gives up what a scope was guaranteed and does not hold.
    void endGuarantees(MemoryScope scope) {
        for (MemoryPool pool : ledger.pools()) {
            pool.guaranteedUnusedBytes -= unusedGuarantee(scope, pool);
            scope.guaranteedBytes[pool.index] = 0;
        }
    }

    static long unusedGuarantee(MemoryScope scope, MemoryPool pool) {
        return Math.max(0, scope.guaranteedBytes[pool.index] - scope.chargedBytes[pool.index]);
    }

    /// Finds out whether a pool is scarce, and the one that could lend to it.
    void updateScarcity(MemoryPool pool) {
        setScarce(pool);
        if (pool.isOffHeap()) {
            setScarce(ledger.lending().lenderTo(pool));
        }
    }

    private void setScarce(MemoryPool pool) {
        long left = pool.freeBytes() + ledger.lending().roomFor(pool);
        boolean scarce =
                !pool.waiting.isEmpty()
                        || pool.isOffHeap() && !ledger.lending().lenderTo(pool).waiting.isEmpty()
                        || left < ledger.lending().reachable(pool) / SCARCE_SHARE
                        || ledger.totalBytes() > ledger.targetBytes();
        setSpare(pool, scarce ? 0 : sparePages(pool, left));
    }

    /// All leases together keep at most a sixteenth of what is left, each at most 1 MiB.
    private static int sparePages(MemoryPool pool, long leftBytes) {
        long each = leftBytes / PAGE / SPARE_SHARE / Math.max(1, pool.leaseCount);
        // A power of two, so that it changes seldom.
        return Integer.highestOneBit(Math.clamp(each, 1, SPARE_PAGES_MAX));
    }

    private static void setSpare(MemoryPool pool, int pages) {
        if (pool.spare.pages != pages) {
            pool.spare.pages = pages;
        }
    }
}
