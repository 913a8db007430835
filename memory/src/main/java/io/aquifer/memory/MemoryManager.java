package io.aquifer.memory;

import io.aquifer.memory.space.AddressSpaceException;
import io.aquifer.memory.space.PageSpace;

import java.util.List;

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

    private MemoryManager(Ledger ledger) {
        this.ledger = ledger;
    }

    /// A manager with the plan's shares; reserves addresses for all off-heap memory and takes none
    /// of it.
    ///
    /// @throws MemoryConfigurationException if the operating system refuses the addresses
    public static MemoryManager create(MemoryPlan plan) {
        long pageCount = plan.offHeapBytes() / PAGE_SIZE_BYTES;
        if (pageCount > Integer.MAX_VALUE) {
            throw MemoryConfigurationException.cannotReserve(
                    plan.offHeapBytes(), "a manager has at most 2^31 pages");
        }
        try {
            return new MemoryManager(new Ledger(plan, PageSpace.reserve((int) pageCount)));
        } catch (AddressSpaceException refused) {
            throw MemoryConfigurationException.cannotReserve(
                    plan.offHeapBytes(), String.valueOf(refused.getMessage()));
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

    /// Opens a scope for everything `owner` will hold.
    ///
    /// @param owner who answers for it, such as `flights / windows (1/2)`; need not be unique
    public MemoryScope openScope(String owner) {
        return ledger.openScope(owner);
    }

    /// The whole ledger at one moment.
    public MemoryStatistics statistics() {
        return ledger.statistics();
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
