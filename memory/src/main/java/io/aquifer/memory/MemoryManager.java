package io.aquifer.memory;

import io.aquifer.memory.space.AddressSpaceException;
import io.aquifer.memory.space.PageSpace;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// The budget of a process: four pools, the pages behind them, and the ledger that keeps both
/// exact.
///
/// A manager has the pools `managed` and `network`, whose memory is off-heap pages, and
/// `managed-heap` and `operation`, which count bytes in the Java heap. Whoever needs memory opens a
/// [MemoryScope] and takes leases from it.
///
/// **Invariant**, in every snapshot any thread takes with [#statistics]: the pools' limits, the
/// reserve and the quarantine add up to the total, and each pool holds at most its limit.
///
/// | Call           | Waits                     | When it cannot                                          |
/// |----------------|---------------------------|---------------------------------------------------------|
/// | [#create]      | no                        | throws [MemoryConfigurationException]                   |
/// | [#openScope]   | for other ledger calls    | throws [MemoryUseException] after [#close]              |
/// | [#statistics]  | for other ledger calls    | -                                                       |
/// | [#close]       | for other ledger calls    | returns what is held, then throws [MemoryLeakException] |
///
/// **Threads.** Any thread.
///
/// ```java
/// try (MemoryManager manager = MemoryManager.create(plan);
///         MemoryScope task = manager.openScope("flights / windows (1/2)");
///         PageLease cells = task.leasePages(manager.managed(), "cells")) {
///     long page = cells.allocatePage();
///     // read and write through PageAccess
/// }
/// ```
public final class MemoryManager implements AutoCloseable {
    /// The unit of off-heap memory.
    public static final int PAGE_SIZE_BYTES = PageSpace.PAGE_BYTES;

    private final Ledger ledger;
    private final MemoryPlan plan;
    private final long ceilingBytes;
    private final LongSupplier nanoClock;

    private MemoryManager(
            Ledger ledger, MemoryPlan plan, long ceilingBytes, LongSupplier nanoClock) {
        this.ledger = ledger;
        this.plan = plan;
        this.ceilingBytes = ceilingBytes;
        this.nanoClock = nanoClock;
    }

    /// A manager with the plan's shares and the usual options.
    ///
    /// @throws MemoryConfigurationException if the operating system refuses the addresses
    public static MemoryManager create(MemoryPlan plan) {
        return create(plan, MemoryOptions.DEFAULTS);
    }

    /// A manager with the plan's shares; reserves addresses for all off-heap memory that it may
    /// ever have and takes none of it.
    ///
    /// @throws MemoryConfigurationException if the operating system refuses the addresses
    public static MemoryManager create(MemoryPlan plan, MemoryOptions options) {
        long ceiling = Math.max(plan.totalBytes(), options.ceilingBytes());
        long offHeap = plan.offHeapBytes() + ceiling - plan.totalBytes();
        if (offHeap / PAGE_SIZE_BYTES > Integer.MAX_VALUE) {
            throw MemoryConfigurationException.cannotReserve(
                    offHeap, "a manager has at most 2^31 pages");
        }
        try {
            PageSpace space = PageSpace.reserve((int) (offHeap / PAGE_SIZE_BYTES));
            return new MemoryManager(
                    new Ledger(plan, space, options), plan, ceiling, options.nanoClock());
        } catch (AddressSpaceException refused) {
            throw MemoryConfigurationException.cannotReserve(
                    offHeap, String.valueOf(refused.getMessage()));
        }
    }

    /// Off-heap pages for state.
    public MemoryPool managed() {
        return ledger.managed;
    }

    /// Bytes in the Java heap for heap state.
    public MemoryPool managedHeap() {
        return ledger.managedHeap;
    }

    /// Bytes for what the engine and the virtual machine need to run.
    public MemoryPool operation() {
        return ledger.operation;
    }

    /// Off-heap pages for data between operators.
    public MemoryPool network() {
        return ledger.network;
    }

    /// Opens a scope of usual priority for everything `owner` will hold.
    ///
    /// @param owner who answers for it, such as `flights`; need not be unique
    public MemoryScope openScope(String owner) {
        return openScope(owner, 0);
    }

    /// Opens a scope for everything `owner` will hold.
    ///
    /// @param priority a larger number is more important: of two jobs the lesser has to end when
    ///   memory is spent and nothing can be given back
    public MemoryScope openScope(String owner, int priority) {
        return ledger.openScope(null, owner, priority);
    }

    /// Says that `reclaimer` can be asked for idle memory by **any** thread at any time, before any
    /// owner is asked. For memory between owners, such as an exchange's. Until [#unregister].
    public void registerShared(Reclaimer reclaimer) {
        ledger.arbiter().addShared(reclaimer);
    }

    /// What a pool could give at once to somebody who must have it, in bytes: what nobody holds and
    /// nobody was guaranteed, what it can grow by, and what of other owners is idle and any thread
    /// may free ([#registerShared]). A figure to decide by before a start; it changes at any time.
    public long availableBytes(MemoryPool pool) {
        return ledger.readLong(() -> ledger.availableBytes(pool));
    }

    /// Ends [#registerShared].
    public void unregister(Reclaimer reclaimer) {
        ledger.arbiter().removeShared(reclaimer);
    }

    /// Says that `throttle` can slow what makes memory fill. Until [#removeThrottle].
    public void addThrottle(Throttle throttle) {
        ledger.run(() -> ledger.arbiter().lastRungs().addThrottle(throttle));
    }

    /// Ends [#addThrottle].
    public void removeThrottle(Throttle throttle) {
        ledger.run(() -> ledger.arbiter().lastRungs().removeThrottle(throttle));
    }

    /// Makes `bytes` the budget. More is there at once. Less is taken from what is idle at once,
    /// and the rest as it comes back: until then [MemoryStatistics#targetBytes] is below the total.
    /// Only off-heap memory changes.
    ///
    /// @throws MemoryConfigurationException if that is less than what cannot shrink, or more than
    ///   addresses were reserved for ([MemoryOptions#ceilingBytes])
    public void resize(long bytes) {
        long least = plan.managedHeapBytes() + plan.operationBytes() + plan.networkMinBytes();
        if (bytes < least || bytes > ceilingBytes) {
            throw MemoryConfigurationException.totalOutOfRange(bytes, least, ceilingBytes);
        }
        ledger.resize(bytes);
    }

    /// Gives every released page back to the operating system now.
    public void purge() {
        ledger.purge();
    }

    /// The whole ledger at one moment.
    public MemoryStatistics statistics() {
        return ledger.statistics();
    }

    /// Everything that is held, as a tree, at one moment.
    public MemoryNode tree() {
        return ledger.read(() -> Snapshot.tree(ledger));
    }

    /// Everything there is to say about this memory at one moment, to print or to send.
    public MemoryReport report() {
        long now = nanoClock.getAsLong();
        return ledger.read(() -> MemoryReport.of(ledger, now));
    }

    /// The owner patterns of the allocation policy that fit nobody who is there now: misspelt, or
    /// for another job.
    public List<String> unmatchedPatterns() {
        return ledger.read(
                () -> {
                    List<String> owners = new ArrayList<>();
                    ledger.forEachScope(scope -> owners.add(scope.owner()));
                    return ledger.arbiter().owners().policy().unmatchedPatterns(owners);
                });
    }

    /// Tells the ledger that another checkpoint is complete, by which the age of leases is counted.
    ///
    /// @return how many that were
    public long checkpointCompleted() {
        return ledger.advanceEpoch();
    }

    /// The pinned leases that have outlived so many checkpoints, which for something taken for a
    /// moment is suspicious.
    public List<Leak> suspects(long checkpoints) {
        return ledger.suspects(checkpoints);
    }

    /// For tests that look inside.
    Ledger ledger() {
        return ledger;
    }

    /// Ends the manager and the scopes still open. Closing again does nothing.
    ///
    /// @throws MemoryLeakException if leases were open; everything was returned before
    @Override
    public void close() {
        List<LeakReport> reports = ledger.close();
        if (!reports.isEmpty()) {
            throw MemoryLeakException.of(reports);
        }
    }
}
