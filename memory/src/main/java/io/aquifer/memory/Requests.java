package io.aquifer.memory;

import java.util.Arrays;

/// What leases ask of the ledger and give back to it. Any thread, without the ledger's lock.
final class Requests {
    private static final int PAGE = MemoryManager.PAGE_SIZE_BYTES;

    private final Ledger ledger;

    Requests(Ledger ledger) {
        this.ledger = ledger;
    }

    long allocatePage(PageLease lease, boolean required) {
        Ticket ticket = request(lease, 1, PAGE, required);
        return ticket.state == Ticket.State.GRANTED ? ledger.pages().address(ticket.pages[0]) : 0;
    }

    long[] allocatePages(PageLease lease, int count) {
        Ticket ticket = request(lease, count, (long) count * PAGE, true);
        long[] addresses = new long[count];
        Arrays.setAll(addresses, i -> ledger.pages().address(ticket.pages[i]));
        return addresses;
    }

    boolean reserve(ByteLease lease, long bytes, boolean required) {
        return request(lease, 0, bytes, required).state == Ticket.State.GRANTED;
    }

    /// Asks for memory, and waits for it if it is required and somebody may give it back.
    ///
    /// @return a ticket that is granted; or denied, if the request was not required
    private Ticket request(Lease lease, int pageCount, long bytes, boolean required) {
        Ticket ticket = submit(Thread.currentThread(), lease, pageCount, bytes, required);
        if (ticket.state == Ticket.State.WAITING) {
            ledger.arbiter().await(ticket);
            traceOutcome(ticket);
        }
        MemoryException failure = ticket.failure;
        if (failure != null) {
            failure.fillInStackTrace();
            throw failure;
        }
        return ticket;
    }

    /// Asks for memory without waiting for it: a required request may be waiting afterwards.
    ///
    /// @param thread who will wait then
    Ticket submit(Thread thread, Lease lease, int pageCount, long bytes, boolean required) {
        boolean sharedAsked = false;
        while (true) {
            ledger.lock();
            try {
                lease.requireOpen();
                if (bytes < 0) {
                    throw MemoryUseException.negativeBytes(lease.ownerText(), bytes);
                }
                Ticket ticket = new Ticket(thread, lease, pageCount, bytes);
                if (giveUnused(ticket)) {
                    return ticket;
                }
                if (ledger.arbiter().grantAtOnce(ticket)) {
                    ledger.charges().updateScarcity(lease.pool);
                    traceRequest(ticket, required);
                    return ticket;
                }
                if (sharedAsked || !ledger.arbiter().canAskShared(lease.pool, required)) {
                    ledger.arbiter().denyOrEnqueue(ticket, required);
                    ledger.charges().updateScarcity(lease.pool);
                    traceRequest(ticket, required);
                    return ticket;
                }
            } finally {
                ledger.unlock();
            }
            ledger.arbiter().askShared(bytes);
            sharedAsked = true;
        }
    }

    private void traceRequest(Ticket ticket, boolean required) {
        if (ledger.trace().isOn()) {
            MemoryScope scope = ticket.lease.scope;
            String pool = ticket.pool().name();
            for (MemoryScope.Registration registration : scope.registrations) {
                Reclaimer reclaimer = registration.reclaimer;
                long reclaimable = reclaimer.reclaimableBytes();
                ledger.trace().reclaimable(scope.id, pool, reclaimable, reclaimer.rung());
            }
            ledger.trace().requested(scope.id, pool, ticket.bytes, required);
            if (ticket.state == Ticket.State.DENIED) {
                ledger.trace().refused(scope.id, pool, ticket.bytes);
            }
        }
    }

    private void traceOutcome(Ticket ticket) {
        if (ticket.state == Ticket.State.GRANTED) {
            ledger.trace().granted(ticket.lease.scope.id, ticket.pool().name(), ticket.bytes);
        } else {
            ledger.trace().refused(ticket.lease.scope.id, ticket.pool().name(), ticket.bytes);
        }
    }

    /// Grants one page out of those that the lease has and does not use.
    private static boolean giveUnused(Ticket ticket) {
        if (ticket.pageCount == 1 && ticket.lease instanceof PageLease pageLease) {
            int page = pageLease.pollUnused();
            if (page >= 0) {
                ticket.pages = new int[] {page};
                ticket.state = Ticket.State.GRANTED;
                return true;
            }
        }
        return false;
    }

    void release(ByteLease lease, long bytes) {
        ledger.run(
                () -> {
                    lease.requireOpen();
                    if (bytes < 0) {
                        throw MemoryUseException.negativeBytes(lease.ownerText(), bytes);
                    }
                    if (bytes > lease.bytes) {
                        throw MemoryUseException.releaseBeyondHeld(
                                lease.ownerText(), bytes, lease.bytes);
                    }
                    lease.bytes -= bytes;
                    ledger.charges().uncharge(lease.scope, lease.pool, bytes);
                    ledger.arbiter().settle();
                });
    }

    /// Keeps the page's extent for its owner, where views end with extents.
    void keepForViews(MemoryScope scope, int page) {
        ledger.run(
                () -> {
                    if (!ledger.pages().keepForViews(page)) {
                        throw MemoryExhaustedException.noExtentForView(scope.owner());
                    }
                });
    }

    /// Throws what is wrong with a release, or with a view.
    ///
    /// @param verb what was tried: `release` or `show`
    void explainRefusal(PageLease lease, String verb, long address) {
        ledger.run(
                () -> {
                    lease.requireOpen();
                    int page = ledger.pages().pageAt(address);
                    if (page < 0) {
                        throw MemoryUseException.notAPage(lease.ownerText(), verb, address);
                    }
                    PageLease holder = ledger.pages().holder(page);
                    if (holder == null
                            || holder == lease
                            || ledger.pages().keeper(page) == PageTable.NOBODY) {
                        throw MemoryUseException.pageNotHeld(lease.ownerText(), verb, address);
                    }
                    throw MemoryUseException.pageOfAnother(
                            lease.ownerText(), verb, address, holder.ownerText());
                });
    }

    /// Takes unused pages of a lease back into its pool.
    void takeBackUnused(PageLease lease) {
        ledger.run(
                () -> {
                    if (!lease.closed) {
                        ledger.charges()
                                .takeBack(
                                        lease, lease.pool.isScarce() || ledger.pages().isChecked());
                        ledger.arbiter().settle();
                        ledger.charges().updateScarcity(lease.pool);
                    }
                });
    }

    /// Undoes the grant of a ticket that nobody will use.
    void giveBack(Ticket ticket) {
        Lease lease = ticket.lease;
        if (lease.closed) {
            return;
        }
        if (lease instanceof ByteLease byteLease) {
            release(byteLease, ticket.bytes);
        } else if (lease instanceof PageLease pageLease) {
            for (int page : ticket.pages) {
                pageLease.releasePage(ledger.pages().address(page));
            }
        }
    }
}
