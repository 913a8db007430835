package io.aquifer.memory;

/// What a scope held when it ended while threads were still inside: charged to nobody's pool but to
/// the total, until they have left. Guarded by the ledger's lock.
final class Quarantine {
    final PageTable.PageList pages = new PageTable.PageList();

    /// By pool: what left the pool's limit for the quarantine.
    final long[] bytes = new long[Ledger.POOLS];

    long totalBytes() {
        long total = 0;
        for (long part : bytes) {
            total += part;
        }
        return total;
    }
}
