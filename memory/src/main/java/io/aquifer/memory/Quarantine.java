package io.aquifer.memory;

import java.util.ArrayList;
import java.util.List;

/// What a scope held when it ended while threads were still inside: charged to nobody's pool but to
/// the total, until they have left. Guarded by the ledger's lock.
///
/// A thread inside one scope of a tree may use the memory of any other: an operator's is used by
/// the thread of its task, and an exchange's by those of both sides. So what ended together is let
/// again together.
final class Quarantine {
    /// The scopes that ended together.
    final List<MemoryScope> together;

    final PageTable.PageList pages = new PageTable.PageList();

    /// By pool: what left the pool's limit for the quarantine.
    final long[] bytes = new long[Ledger.POOLS];

    /// Whether its views have ended, and until when its pages then rest.
    boolean rests;

    long restsUntilNanos;

    Quarantine(List<MemoryScope> together) {
        this.together = together;
    }

    /// The threads that have not left.
    List<Thread> threads() {
        List<Thread> threads = new ArrayList<>();
        for (MemoryScope scope : together) {
            scope.entries.forEach(entry -> threads.add(entry.thread));
        }
        return threads;
    }

    /// Whether nothing is known to use it.
    boolean onlyRests() {
        return rests && threads().isEmpty();
    }

    long totalBytes() {
        long total = 0;
        for (long part : bytes) {
            total += part;
        }
        return total;
    }
}
