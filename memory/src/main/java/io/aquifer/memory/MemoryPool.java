package io.aquifer.memory;

import java.util.ArrayDeque;

/// A named share of a [MemoryManager]'s budget, with a limit its leases never pass.
///
/// **Invariant**, at every observation: `heldBytes() <= residentBytes() <= limitBytes()`, and what
/// is guaranteed to owners and not held by them fits below the limit too. The limits of the
/// off-heap pools (`managed`, `network`) move while the job runs, since they lend to each other;
/// those of the heap pools (`managed-heap`, `operation`) stay.
///
/// Memory is taken through a [MemoryScope]'s leases, never from the pool itself.
///
/// **Threads.** Any thread; each call sees the ledger at one moment.
public final class MemoryPool {
    private final String name;
    private final MemoryType type;
    private final Ledger ledger;
    final int index;

    // Guarded by the ledger's lock.
    long limitBytes;

    /// What was granted: held by leases, or theirs and unused.
    long chargedBytes;

    long chargedBytesMax;

    /// What is guaranteed to owners beyond what they were granted.
    long guaranteedUnusedBytes;

    final PageTable.PageList dirty = new PageTable.PageList();

    /// The fewest dirty pages since the purger looked last: so many were of no use.
    int dirtyLeast;

    final ArrayDeque<Ticket> waiting = new ArrayDeque<>();

    /// Its leases that are open.
    int leaseCount;

    final Spare spare = new Spare();

    MemoryPool(String name, MemoryType type, int index, long limitBytes, Ledger ledger) {
        this.name = name;
        this.type = type;
        this.index = index;
        this.limitBytes = limitBytes;
        this.ledger = ledger;
    }

    public String name() {
        return name;
    }

    /// Whether leases of this pool are outside the Java heap, so that it has pages.
    public boolean isOffHeap() {
        return type == MemoryType.OFF_HEAP;
    }

    /// What its memory is.
    public MemoryType type() {
        return type;
    }

    /// The most its leases may hold now, in bytes.
    public long limitBytes() {
        return ledger.readLong(() -> limitBytes);
    }

    /// What its leases hold, in bytes.
    public long heldBytes() {
        return ledger.readLong(() -> ledger.held(this));
    }

    /// The most its leases were ever granted, in bytes; at least what they ever held.
    public long heldBytesMax() {
        return ledger.readLong(() -> chargedBytesMax);
    }

    /// What it occupies: granted bytes and released pages that were not yet decommitted.
    public long residentBytes() {
        return ledger.readLong(this::resident);
    }

    @Override
    public String toString() {
        return "pool '" + name + "'";
    }

    Ledger ledger() {
        return ledger;
    }

    /// Whether released pages go to the pool at once, since somebody waits or little is left.
    boolean isScarce() {
        return spare.pages == 0;
    }

    // The rest is called with the ledger's lock held.

    long resident() {
        return chargedBytes + (long) dirty.count() * MemoryManager.PAGE_SIZE_BYTES;
    }

    /// What nobody was granted and nobody was guaranteed.
    long freeBytes() {
        return limitBytes - chargedBytes - guaranteedUnusedBytes;
    }

    PoolStatistics statistics(long heldBytes) {
        return new PoolStatistics(name, limitBytes, heldBytes, chargedBytesMax, resident());
    }
}
