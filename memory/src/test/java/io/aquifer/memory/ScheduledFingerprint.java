package io.aquifer.memory;

/// The state of a [ScheduledWorld] as a number: everything that decides what can happen next, times
/// relative to now, page numbers left out since any page is as good as any other.
final class ScheduledFingerprint {
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    private final ScheduledWorld world;
    private final Ledger ledger;
    private long hash = MIX;

    ScheduledFingerprint(ScheduledWorld world) {
        this.world = world;
        this.ledger = world.ledger;
    }

    long value(int killsLeft) {
        add(killsLeft);
        add(ledger.totalBytes());
        add(ledger.targetBytes());
        add(ledger.reserveBytes());
        add(world.slow ? 1 : 0);
        add(Math.max(0, ledger.arbiter().lastRungs().endingUntilNanos() - world.now()));
        for (MemoryPool pool : ledger.pools()) {
            add(pool.limitBytes);
            add(pool.spare.pages);
            add(pool.dirty.count());
            add(pool.waiting.size());
            for (Ticket ticket : pool.waiting) {
                add(ticket.thread.threadId());
                add(ticket.bytes);
                add(ticket.skipped);
                add(Math.max(0, ticket.deadlineNanos - world.now()));
                add(ticket.lastResort ? 1 : 0);
            }
        }
        ledger.forEachScope(this::addScope);
        ledger.quarantined().forEach(this::addScope);
        world.tasks.forEach(this::addTask);
        for (ScheduledChannel channel : world.channels()) {
            add(channel.items.size());
            channel.items.forEach(item -> add(item.barrier() ? 2 : 1));
        }
        add(world.sharedIdle.size());
        for (ScheduledTask task : world.reclaiming) {
            add(task.index);
            add(task.nestedSteps);
        }
        return hash;
    }

    private void addScope(MemoryScope scope) {
        add(scope.id);
        add((scope.closed ? 1 : 0) + (scope.asked ? 2 : 0) + (scope.doom != null ? 4 : 0));
        add(scope.entries.size());
        for (int pool = 0; pool < Ledger.POOLS; pool++) {
            add(scope.chargedBytes[pool]);
            add(scope.ceilingBytes[pool]);
        }
        for (Lease lease : scope.leases) {
            add(lease.held());
            add(lease.granted());
        }
        for (MemoryScope.Registration registration : scope.registrations) {
            add(registration.dryBytes);
        }
        Quarantine held = scope.quarantine;
        add(held == null ? -1 : held.totalBytes());
        MemoryScope.Ask ask = scope.ask;
        if (ask != null) {
            add(ask.bytes);
            add(ask.pool.index);
            add(ask.upTo.ordinal());
            add((ask.passedOver ? 1 : 0) + (ask.server != null ? 2 : 0));
            add(Math.min(ScheduledWorld.ANSWER_NANOS, world.now() - ask.sinceNanos));
        }
    }

    private void addTask(ScheduledTask task) {
        add(task.phase.ordinal());
        add(task.next);
        add(task.workLeft);
        add(task.offered);
        add(task.cells.size());
        add(task.buffers.size());
        add(
                (task.firstDone ? 1 : 0)
                        + (task.secondDone ? 2 : 0)
                        + (task.woken ? 4 : 0)
                        + (task.signalled ? 8 : 0)
                        + (task.cancelled ? 16 : 0)
                        + (task.reclaiming ? 32 : 0)
                        + (task.isClosing() && !task.scope.closed ? 64 : 0));
        Ticket ticket = task.ticket;
        add(ticket == null ? -1 : ticket.state.ordinal());
    }

    private void add(long value) {
        long mixed = (hash ^ value) * MIX;
        mixed ^= mixed >>> 32;
        hash = mixed * MIX + 1;
    }
}
