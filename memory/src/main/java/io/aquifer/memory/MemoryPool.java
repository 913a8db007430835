package io.aquifer.memory;

/// A named share of a [MemoryManager]'s budget, with a limit its leases never pass.
///
/// **Invariant**, at every observation: `heldBytes() <= limitBytes()`. The limits of the off-heap
/// pools (`managed`, `network`) move while the job runs, since they lend to each other; those of
/// the heap pools (`managed-heap`, `operation`) stay.
///
/// Memory is taken through a [MemoryScope]'s leases, never from the pool itself.
///
/// **Threads.** Any thread; each call sees the ledger at one moment.
public final class MemoryPool {
    private final String name;
    private final boolean offHeap;
    private final Ledger ledger;

    // Guarded by the ledger's lock.
    long limitBytes;
    long heldBytes;
    long heldBytesMax;
    final PageTable.PageList dirty = new PageTable.PageList();

    MemoryPool(String name, boolean offHeap, long limitBytes, Ledger ledger) {
        this.name = name;
        this.offHeap = offHeap;
        this.limitBytes = limitBytes;
        this.ledger = ledger;
    }

    public String name() {
        return name;
    }

    /// Whether leases of this pool are outside the Java heap, so that it has pages.
    public boolean isOffHeap() {
        return offHeap;
    }

    /// The most its leases may hold now, in bytes.
    public long limitBytes() {
        return ledger.readLong(() -> limitBytes);
    }

    /// What its leases hold, in bytes.
    public long heldBytes() {
        return ledger.readLong(() -> heldBytes);
    }

    /// The most its leases ever held, in bytes.
    public long heldBytesMax() {
        return ledger.readLong(() -> heldBytesMax);
    }

    /// What it occupies: held bytes and released pages that were not yet decommitted.
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

    // The rest is called with the ledger's lock held.

    long resident() {
        return heldBytes + (long) dirty.count() * MemoryManager.PAGE_SIZE_BYTES;
    }

    boolean fits(long bytes) {
        return bytes <= limitBytes - heldBytes;
    }

    void charge(long bytes) {
        heldBytes += bytes;
        heldBytesMax = Math.max(heldBytesMax, heldBytes);
    }

    PoolStatistics statistics() {
        return new PoolStatistics(name, limitBytes, heldBytes, heldBytesMax, resident());
    }
}
