package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// One request for memory, from the moment it was made until it is granted or denied.
///
/// Written under the ledger's lock; `state` is read without by the thread that waits.
final class Ticket {
    enum State {
        WAITING,
        GRANTED,
        DENIED
    }

    final Lease lease;

    /// Pages wanted, 0 for bytes.
    final int pageCount;

    final long bytes;

    /// Who asked, and waits.
    final Thread thread;

    /// What was tried while it waited, for the message.
    final List<String> tried = new ArrayList<>();

    long sinceNanos;
    long deadlineNanos;

    /// Whether its thread asks in the middle of giving back for others, who wait for it.
    boolean urgent;

    /// How often a smaller request went first.
    int skipped;

    /// Whether it was left waiting, rather than decided when it was made.
    boolean parked;

    /// Whether others were made to end for it.
    boolean lastResort;

    /// The pages granted; they are the lease's already.
    int[] pages = {};

    @Nullable MemoryException failure;
    volatile State state = State.WAITING;

    Ticket(Thread thread, Lease lease, int pageCount, long bytes) {
        this.thread = thread;
        this.lease = lease;
        this.pageCount = pageCount;
        this.bytes = bytes;
    }

    MemoryPool pool() {
        return lease.pool;
    }

    String what() {
        return pageCount > 0 ? Lease.pagesText(pageCount) : MemorySize.text(bytes);
    }

    void deny(@Nullable MemoryException why) {
        failure = why;
        state = State.DENIED;
    }
}
