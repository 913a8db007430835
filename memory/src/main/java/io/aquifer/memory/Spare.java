package io.aquifer.memory;

/// How many pages of a pool each lease may keep unused, whatever it holds; none while the pool is
/// scarce. Every allocation and every release of a page reads it, so it has a cache line of its
/// own. Written under the ledger's lock.
final class Spare extends CacheLines {
    volatile int pages;
}
