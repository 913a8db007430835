package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What must hold in a [ScheduledWorld] after every step.
///
/// | Law            | What                                                                          |
/// |----------------|-------------------------------------------------------------------------------|
/// | budget         | limits, reserve and quarantine add up; held <= charged <= resident <= limit     |
/// | guarantee      | what is guaranteed and not held is free; such a request is granted at once     |
/// | pages          | no page is held twice                                                         |
/// | assignment     | whoever is first in the queue and fits has been granted                       |
/// | wake-up        | who was decided or asked while it waits has been woken                        |
/// | no starvation  | nobody is passed more than [Arbiter#SKIPS_MAX] times                            |
/// | denial         | before its deadline nobody is denied while somebody could still give back     |
/// | last resort    | who must end is the youngest of the lowest priority                           |
final class ScheduledOracle {
    private static final long PAGE = Plans.PAGE;

    private final ScheduledWorld world;
    private final Ledger ledger;
    private final Set<ScheduledTask> doomed = new HashSet<>();

    ScheduledOracle(ScheduledWorld world) {
        this.world = world;
        this.ledger = world.ledger;
    }

    void check() {
        long sum = ledger.reserveBytes() + ledger.quarantineBytes();
        for (MemoryPool pool : ledger.pools()) {
            sum += pool.limitBytes;
            checkPool(pool);
            checkQueue(pool);
        }
        require(sum == ledger.totalBytes(), "limits, reserve and quarantine add up to the total");
        require(ledger.reserveBytes() >= 0, "the reserve is not negative");
        checkPages();
        for (ScheduledTask task : world.tasks) {
            checkWakeUps(task);
            checkDenial(task);
            checkDoom(task);
        }
    }

    private void checkPool(MemoryPool pool) {
        long[] sums = new long[3];
        ledger.forEachScope(
                scope -> {
                    long charged = scope.chargedBytes[pool.index];
                    sums[0] += charged;
                    sums[1] += Math.max(0, scope.guaranteedBytes[pool.index] - charged);
                    long granted = 0;
                    for (Lease lease : scope.leases) {
                        if (lease.pool == pool) {
                            granted += lease.granted();
                            sums[2] += lease.held();
                            require(
                                    lease.held() <= lease.granted(),
                                    "a lease holds what it was granted");
                        }
                    }
                    require(charged == granted, "a scope is charged for what its leases have");
                });
        require(sums[0] == pool.chargedBytes, "the scopes' charges add up to the pool's");
        require(sums[1] == pool.guaranteedUnusedBytes, "unused guarantees add up");
        require(sums[2] <= pool.chargedBytes, "held <= charged");
        require(pool.resident() <= pool.limitBytes, "charged <= resident <= limit");
        require(pool.freeBytes() >= 0, "charged and guaranteed fit in the limit");
    }

    private void checkPages() {
        Set<Long> pages = new HashSet<>();
        for (ScheduledTask task : world.tasks) {
            addAll(pages, task.cells);
            addAll(pages, task.buffers);
        }
        for (ScheduledChannel channel : world.channels()) {
            for (ScheduledChannel.Item item : channel.items) {
                require(pages.add(item.page()), "no page is held twice");
            }
        }
        addAll(pages, world.sharedIdle);
    }

    private void addAll(Set<Long> pages, List<Long> held) {
        for (long page : held) {
            require(pages.add(page), "no page is held twice");
        }
    }

    private void checkQueue(MemoryPool pool) {
        Ticket first = null;
        for (Ticket ticket : pool.waiting) {
            require(ticket.state == Ticket.State.WAITING, "who is in the queue waits");
            require(ticket.skipped <= Arbiter.SKIPS_MAX, "nobody is passed too often");
            require(!ticket.lease.closed, "nobody waits for a lease that has ended");
            if (first == null && Owners.isAllowed(ticket)) {
                first = ticket;
            }
        }
        if (first != null) {
            long room = pool.freeBytes() + ledger.lending().roomFor(pool);
            require(first.bytes > room, "the first in the queue has what it fits in");
            require(pool.isScarce(), "a pool for which somebody waits is scarce");
        }
    }

    private void checkWakeUps(ScheduledTask task) {
        Ticket ticket = task.ticket;
        if (task.phase == ScheduledTask.Phase.WAITING_FOR_MEMORY && ticket != null) {
            boolean somethingToDo =
                    ticket.state != Ticket.State.WAITING || task.scope.asked && !task.reclaiming;
            require(!somethingToDo || task.woken || task.cancelled, "a wake-up is not lost");
        }
        if (task.phase == ScheduledTask.Phase.WAITING_FOR_CHANNEL) {
            require(
                    !task.scope.asked || task.isEnabled() || task.reclaiming,
                    "who waits for a channel hears of requests");
        }
    }

    // Denials.

    void checkDenial(ScheduledTask task) {
        Ticket ticket = task.ticket;
        if (ticket == null || ticket.state != Ticket.State.DENIED || task.denialChecked) {
            return;
        }
        task.denialChecked = true;
        MemoryException why = ticket.failure;
        require(why != null && why.getMessage() != null, "a denial is explained");
        boolean early =
                why != null
                        && String.valueOf(why.getMessage()).startsWith("cannot allocate")
                        && world.now() < ticket.deadlineNanos;
        if (early && !canNeverBe(ticket)) {
            ScheduledTask giver = giver(task, ticket.pool());
            require(
                    giver == null,
                    "'%s' is not denied while '%s' could give back"
                            .formatted(task.plan.name(), giver == null ? "" : giver.plan.name()));
        }
    }

    private boolean canNeverBe(Ticket ticket) {
        MemoryScope scope = ticket.lease.scope;
        int pool = ticket.pool().index;
        MemoryPool lender = ledger.lending().lenderTo(ticket.pool());
        long[] guaranteed = {0, 0};
        ledger.forEachScope(
                other -> {
                    guaranteed[0] += other == scope ? 0 : other.guaranteedBytes[pool];
                    guaranteed[1] += other.guaranteedBytes[lender.index];
                });
        long most = Math.min(ledger.totalBytes(), ledger.targetBytes());
        if (ticket.pool() == ledger.managed) {
            most -= Math.max(world.scenario.networkMin() * PAGE, guaranteed[1]);
        } else {
            long network =
                    Math.max(world.scenario.network() * PAGE, ledger.network.limitBytes)
                            + ledger.reserveBytes();
            most = Math.min(most - guaranteed[1], network);
        }
        most -= guaranteed[0];
        return ticket.bytes + scope.chargedBytes[pool] > most;
    }

    /// Who could give something back for a request, or null.
    private @Nullable ScheduledTask giver(ScheduledTask asker, MemoryPool pool) {
        for (ScheduledTask task : world.tasks) {
            List<Long> held = pool == ledger.managed ? task.cells : task.buffers;
            boolean waits =
                    task.phase == ScheduledTask.Phase.WAITING_FOR_MEMORY
                            && task.ticket != null
                            && task.ticket.state == Ticket.State.WAITING;
            boolean couldSpill = pool == ledger.managed && wouldBeAsked(asker, task);
            boolean closing = task.isClosing() && task.scope.chargedBytes[pool.index] > 0;
            // Both were denied in this step; then the one with less right came first.
            boolean excused =
                    wasDenied(task) && task.scope.root().priority > asker.scope.root().priority;
            if (task != asker
                    && !excused
                    && (!held.isEmpty() && (!waits || couldSpill) || closing)) {
                return task;
            }
        }
        return null;
    }

    private static boolean wasDenied(ScheduledTask task) {
        Ticket ticket = task.ticket;
        return ticket != null && ticket.state == Ticket.State.DENIED
                || task.isClosing() && task.failure instanceof MemoryExhaustedException;
    }

    /// Whether the policy takes from a task for another: certainly if it holds more than that
    /// would.
    private static boolean wouldBeAsked(ScheduledTask asker, ScheduledTask task) {
        Ticket ticket = asker.ticket;
        return ticket != null
                && task.plan.honesty() == ScheduledOp.Honesty.EXACT
                && task.offered > 0
                && !task.scope.closed
                && asker.plan.guaranteed() + task.plan.guaranteed() == 0
                && task.cells.size() > asker.cells.size() + ticket.pageCount;
    }

    private void checkDoom(ScheduledTask task) {
        if (task.scope.doom == null || !doomed.add(task)) {
            return;
        }
        for (Ticket ticket : ledger.network.waiting) {
            if (ticket.lastResort) {
                return;
            }
        }
        MemoryScope victim = task.scope.root();
        for (MemoryScope other : ledger.roots()) {
            boolean wouldDo =
                    isInside(other)
                            && beyondGuarantee(other, ledger.managed)
                                    >= beyondGuarantee(victim, ledger.managed)
                            && beyondGuarantee(other, ledger.network)
                                    >= beyondGuarantee(victim, ledger.network);
            if (other != victim && other.doom == null && wouldDo) {
                boolean better =
                        other.priority > victim.priority
                                || other.priority == victim.priority && other.id < victim.id;
                require(better, "who must end is the youngest of the lowest priority");
            }
        }
    }

    private boolean isInside(MemoryScope root) {
        return world.tasks.stream()
                .anyMatch(task -> task.scope.root() == root && !task.scope.closed);
    }

    private static long beyondGuarantee(MemoryScope scope, MemoryPool pool) {
        long bytes =
                Math.max(0, scope.chargedBytes[pool.index] - scope.guaranteedBytes[pool.index]);
        for (MemoryScope child : scope.children) {
            bytes += beyondGuarantee(child, pool);
        }
        return bytes;
    }

    void checkEnd() {
        check();
        for (MemoryPool pool : ledger.pools()) {
            require(pool.waiting.isEmpty(), "nobody waits at the end");
            require(pool.chargedBytes == 0, "everything is back at the end");
        }
        ledger.forEachScope(scope -> require(scope.ask == null, "nothing is asked at the end"));
        require(ledger.quarantined().isEmpty(), "nothing is in quarantine at the end");
        require(ledger.quarantineBytes() == 0, "nothing is in quarantine at the end");
        require(!world.slow, "sources are not slow at the end");
    }

    private void require(boolean holds, String what) {
        world.require(holds, what);
    }
}
