package io.aquifer.memory;

/// Lets off-heap pools grow on demand, first into the reserve, then into each other's idle limit.
///
/// A pool grows by doubling while it is small (up to an eighth of the total), then by a quarter,
/// and by at least what was asked. Managed memory may borrow idle network memory down to the
/// network's minimum; network memory takes back what it lent, up to the limit it started with, as
/// far as that is idle. Heap pools never move: their bytes are in the Java heap, whose size is
/// fixed.
final class ElasticGovernor implements Governor {
    private static final int DOUBLING_SHARE = 8;

    private final Ledger ledger;
    private final MemoryPlan plan;

    ElasticGovernor(Ledger ledger, MemoryPlan plan) {
        this.ledger = ledger;
        this.plan = plan;
    }

    @Override
    public boolean makeRoom(MemoryPool pool, long missingBytes) {
        if (missingBytes > roomFor(pool)) {
            return false;
        }
        long wish = Math.max(missingBytes, growthStep(pool));
        long granted = Math.min(wish, ledger.reserveBytes());
        ledger.grant(pool, granted);
        MemoryPool lender = lenderTo(pool);
        long lent = Math.min(wish - granted, lendable(lender, pool));
        if (lent > 0) {
            ledger.lend(lender, pool, lent);
        }
        return true;
    }

    @Override
    public long roomFor(MemoryPool pool) {
        return pool.isOffHeap() ? ledger.reserveBytes() + lendable(lenderTo(pool), pool) : 0;
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

    private MemoryPool lenderTo(MemoryPool pool) {
        return pool == ledger.managed ? ledger.network : ledger.managed;
    }

    /// Idle limit the lender can miss: the network keeps its minimum, managed memory keeps what the
    /// network did not lend.
    private long lendable(MemoryPool lender, MemoryPool borrower) {
        if (lender == ledger.network) {
            return Math.max(
                    0, lender.limitBytes - Math.max(lender.heldBytes, plan.networkMinBytes()));
        }
        long lentBefore = Math.max(0, plan.networkBytes() - borrower.limitBytes);
        return Math.min(lentBefore, lender.limitBytes - lender.heldBytes);
    }
}
