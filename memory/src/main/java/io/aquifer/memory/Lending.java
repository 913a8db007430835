package io.aquifer.memory;

/// Moves limits between the reserve and the off-heap pools. Guarded by the ledger's lock; neither
/// waits nor calls out.
///
/// A pool grows by doubling while it is small (up to an eighth of the total), then by a quarter,
/// and by at least what was asked. Managed memory may borrow idle network memory down to the
/// network's minimum; network memory takes back what it lent, up to the limit it started with, as
/// far as that is idle. Heap pools never move: their bytes are in the Java heap, whose size is
/// fixed.
///
/// While the total is to shrink, the reserve is kept for that.
final class Lending {
    private static final int DOUBLING_SHARE = 8;

    private final Ledger ledger;
    private final MemoryPlan plan;

    Lending(Ledger ledger, MemoryPlan plan) {
        this.ledger = ledger;
        this.plan = plan;
    }

    /// Tries to raise the pool's limit by at least `missingBytes`.
    ///
    /// @return whether it did; if not, nothing was changed
    boolean makeRoom(MemoryPool pool, long missingBytes) {
        if (missingBytes > roomFor(pool)) {
            return false;
        }
        long wish = Math.max(missingBytes, growthStep(pool));
        // What the reserve gives must not count as what the lender owes.
        long lendable = lendable(pool);
        long granted = Math.min(wish, ledger.reserveBytes());
        ledger.grant(pool, granted);
        long lent = Math.min(wish - granted, lendable);
        if (lent > 0) {
            ledger.lend(lenderTo(pool), pool, lent);
        }
        return true;
    }

    /// How far the pool's limit could be raised now, in bytes.
    long roomFor(MemoryPool pool) {
        return pool.isOffHeap() ? ledger.reserveBytes() + lendable(pool) : 0;
    }

    /// The most the pool's limit can be when all others are as small as they may be and nothing is
    /// in quarantine.
    long reachable(MemoryPool pool) {
        if (!pool.isOffHeap()) {
            return whole(pool);
        }
        long offHeap = whole(ledger.managed) + whole(ledger.network) + ledger.reserveBytes();
        return pool == ledger.managed
                ? offHeap - networkKeeps()
                : Math.min(
                        offHeap,
                        Math.max(plan.networkBytes(), whole(pool)) + ledger.reserveBytes());
    }

    private long networkKeeps() {
        return Math.min(plan.networkMinBytes(), whole(ledger.network));
    }

    /// The pool's limit with what is in quarantine and will be the pool's again.
    private long whole(MemoryPool pool) {
        if (ledger.quarantined().isEmpty()) {
            return pool.limitBytes; // nearly always, and asked for with every request
        }
        long bytes = pool.limitBytes;
        for (MemoryScope scope : ledger.quarantined()) {
            Quarantine held = scope.quarantine;
            bytes += held == null ? 0 : held.bytes[pool.index];
        }
        return bytes;
    }

    /// The most that the owners of a pool could hold together if everybody gave back all they can
    /// and the total were what it is to become, in bytes.
    long mostFor(MemoryPool pool) {
        if (!pool.isOffHeap()) {
            return reachable(pool);
        }
        long shrinking = Math.max(0, ledger.totalBytes() - ledger.targetBytes());
        long guaranteedToOther = guaranteed(lenderTo(pool));
        if (pool == ledger.managed) {
            return reachable(pool) - shrinking - Math.max(0, guaranteedToOther - networkKeeps());
        }
        long offHeap = reachable(ledger.managed) + networkKeeps();
        return Math.min(offHeap - shrinking - guaranteedToOther, reachable(pool));
    }

    private long guaranteed(MemoryPool pool) {
        long[] sum = {0};
        ledger.forEachScope(scope -> sum[0] += scope.guaranteedBytes[pool.index]);
        return sum[0];
    }

    /// How far the pool's limit could sink for a smaller total, in bytes.
    long surrenderable(MemoryPool pool) {
        long kept = pool == ledger.network ? plan.networkMinBytes() : 0;
        long idle =
                pool.limitBytes - Math.max(pool.chargedBytes + pool.guaranteedUnusedBytes, kept);
        return pool.isOffHeap() ? Math.max(0, idle) : 0;
    }

    /// Whether what owners of `from` give back could serve a request to `to`.
    boolean canServe(MemoryPool from, MemoryPool to) {
        return from == to || to.isOffHeap() && from == lenderTo(to) && mayLend(to) > 0;
    }

    MemoryPool lenderTo(MemoryPool pool) {
        return pool == ledger.managed ? ledger.network : ledger.managed;
    }

    private long growthStep(MemoryPool pool) {
        long step =
                pool.limitBytes < plan.totalBytes() / DOUBLING_SHARE
                        ? pool.limitBytes
                        : pool.limitBytes / 4;
        return (step + MemoryManager.PAGE_SIZE_BYTES - 1)
                / MemoryManager.PAGE_SIZE_BYTES
                * MemoryManager.PAGE_SIZE_BYTES;
    }

    /// Idle limit that the lender to `borrower` can miss.
    long lendable(MemoryPool borrower) {
        return Math.min(mayLend(borrower), surrenderable(lenderTo(borrower)));
    }

    /// What the lender to `borrower` could miss if it were all idle: the network keeps its minimum,
    /// managed memory keeps what the network did not lend.
    long mayLend(MemoryPool borrower) {
        return borrower == ledger.managed
                ? ledger.network.limitBytes - networkKeeps()
                : Math.max(0, plan.networkBytes() - borrower.limitBytes);
    }
}
