package io.aquifer.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A task of a [ScheduledWorld] as a state machine: one step is what its thread does until the next
/// moment at which another thread could come between.
///
/// It uses the real scope, leases, reclaimers and tickets; only its thread is a mere name.
final class ScheduledTask implements Reclaimer {
    enum Phase {
        RUNNING,
        WAITING_FOR_MEMORY,
        WAITING_FOR_CHANNEL,
        CLOSING,
        ENDED
    }

    private static final int NESTED_STEPS_MAX = 2;
    private static final long PAGE = Plans.PAGE;

    final ScheduledScenario.TaskPlan plan;
    final int index;
    final Thread thread;
    final MemoryScope scope;
    final List<Long> cells = new ArrayList<>();
    final List<Long> buffers = new ArrayList<>();
    Phase phase = Phase.RUNNING;
    int next;
    int workLeft;
    int offered;
    boolean firstDone;
    boolean secondDone;

    /// Whether its thread was unparked while it waited for memory.
    boolean woken;

    /// Whether its wake callback was called, or a channel has changed.
    boolean signalled;

    boolean cancelled;
    boolean reclaiming;
    int nestedSteps;
    int waits;
    boolean denialChecked;
    @Nullable Ticket ticket;
    @Nullable Throwable failure;
    private final ScheduledWorld world;
    private final Ledger ledger;
    private final MemoryScope.Entry entry;
    private final PageLease cellLease;
    private final PageLease bufferLease;
    private ScopeEnds.@Nullable End end;

    ScheduledTask(ScheduledWorld world, ScheduledScenario.TaskPlan plan, int index, Thread thread) {
        this.world = world;
        this.ledger = world.ledger;
        this.plan = plan;
        this.index = index;
        this.thread = thread;
        this.scope = world.openScope(plan);
        this.entry = ledger.enter(scope, thread);
        MemoryScope owner = plan.inner() ? scope.openScope("operator") : scope;
        if (plan.guaranteed() > 0) {
            owner.guarantee(ledger.managed, plan.guaranteed() * PAGE);
        }
        this.cellLease = owner.leasePages(ledger.managed, "cells");
        this.bufferLease = owner.leasePages(ledger.network, "buffers");
        owner.register(this);
        scope.onReclaimRequested(() -> signalled = true);
    }

    boolean isEnabled() {
        return !reclaiming
                && switch (phase) {
                    case RUNNING, CLOSING -> true;
                    case WAITING_FOR_MEMORY -> woken || cancelled;
                    case WAITING_FOR_CHANNEL -> signalled || cancelled || isChannelReady();
                    case ENDED -> false;
                };
    }

    void step() {
        try {
            if (phase == Phase.CLOSING) {
                close();
            } else if (cancelled) {
                cancel();
            } else if (phase == Phase.WAITING_FOR_MEMORY) {
                attend();
            } else {
                phase = Phase.RUNNING;
                signalled = false;
                run();
            }
        } catch (MemoryException | GaveNothing failed) {
            fail(failed);
        }
    }

    private void cancel() {
        Ticket waiting = ticket;
        if (waiting != null) {
            ledger.arbiter().abandon(waiting);
        }
        throw new GaveNothing("cancelled");
    }

    private void fail(Throwable why) {
        failure = why;
        ticket = null;
        world.cancelJob(plan.job());
        beginToClose();
    }

    private void beginToClose() {
        phase = Phase.CLOSING;
        end = scope.closed ? null : ledger.ends().begin(scope);
        cells.clear();
        buffers.clear();
        offered = 0;
    }

    private void close() {
        world.ending(this);
        ScopeEnds.End begun = end;
        if (begun != null) {
            ledger.ends().finish(begun, thread);
        }
        entry.close();
        phase = Phase.ENDED;
        world.ended(this);
    }

    boolean isClosing() {
        return phase == Phase.CLOSING;
    }

    // Waiting for memory.

    private void attend() {
        woken = false;
        Ticket waiting = Objects.requireNonNull(ticket);
        if (waiting.state == Ticket.State.WAITING) {
            try {
                ledger.arbiter().attend(waiting);
            } catch (RuntimeException failed) {
                ledger.arbiter().abandon(waiting);
                throw failed;
            }
        }
        if (waiting.state != Ticket.State.WAITING) {
            woken = false;
            phase = Phase.RUNNING;
            decided(waiting);
        }
    }

    private void request(PageLease lease, int pages) {
        int pool = lease.pool.index;
        MemoryScope payer = lease.scope;
        boolean guaranteed = payer.chargedBytes[pool] + pages * PAGE <= payer.guaranteedBytes[pool];
        Ticket asked = ledger.requests().submit(thread, lease, pages, pages * PAGE, true);
        world.require(
                !guaranteed || asked.state == Ticket.State.GRANTED,
                "a guaranteed request is granted at once");
        ticket = asked;
        denialChecked = false;
        if (asked.state == Ticket.State.WAITING) {
            phase = Phase.WAITING_FOR_MEMORY;
            waits++;
            // Whoever waits looks around once before it parks.
            woken = true;
        } else {
            world.checkDenial(this);
            decided(asked);
        }
    }

    private void decided(Ticket done) {
        ticket = null;
        MemoryException denial = done.failure;
        if (denial != null) {
            throw denial;
        }
        receive(done);
        if (plan.program().get(next) instanceof ScheduledOp.Send send) {
            put(send);
        }
        next++;
    }

    private void receive(Ticket granted) {
        for (int page : granted.pages) {
            long address = ledger.pages().address(page);
            if (granted.lease == cellLease) {
                cells.add(address);
            } else if (granted.lease == bufferLease) {
                buffers.add(address);
            } else {
                world.inFlight(address);
            }
        }
    }

    // The program.

    private void run() {
        if (workLeft > 0) {
            work();
            return;
        }
        if (next < plan.program().size()
                && plan.program().get(next) instanceof ScheduledOp.Work work) {
            workLeft = work.steps();
            work();
            return;
        }
        ledger.arbiter().requests().serve(scope, thread);
        if (next == plan.program().size()) {
            beginToClose();
            return;
        }
        switch (plan.program().get(next)) {
            case ScheduledOp.Need need -> request(lease(need.kind()), need.pages());
            case ScheduledOp.Try optional -> tryPage(optional.kind());
            case ScheduledOp.Free free -> free(free.kind(), free.pages());
            case ScheduledOp.Offer offer -> {
                offered = Math.min(offer.pages(), cells.size());
                next++;
            }
            case ScheduledOp.Send send -> send(send);
            case ScheduledOp.Receive receive -> receive(receive);
            case ScheduledOp.Align align -> align(align);
            case ScheduledOp.Resize resize -> {
                ledger.resize(resize.pages() * PAGE);
                next++;
            }
            case ScheduledOp.Work work -> throw new AssertionError(work);
        }
    }

    private void work() {
        if (--workLeft == 0) {
            next++;
        }
    }

    private PageLease lease(ScheduledOp.Kind kind) {
        return kind == ScheduledOp.Kind.MANAGED ? cellLease : bufferLease;
    }

    private void tryPage(ScheduledOp.Kind kind) {
        PageLease lease = lease(kind);
        boolean idle = !world.sharedIdle.isEmpty();
        MemoryStatistics before = ledger.statistics();
        long page = lease.tryAllocatePage();
        if (page != 0) {
            (kind == ScheduledOp.Kind.MANAGED ? cells : buffers).add(page);
        } else {
            MemoryStatistics after = ledger.statistics();
            world.require(
                    idle
                            || before.holders().equals(after.holders())
                                    && before.reserveBytes() == after.reserveBytes()
                                    && before.pool(lease.pool.name()).limitBytes()
                                            == after.pool(lease.pool.name()).limitBytes(),
                    "a request that was denied changed nothing");
        }
        next++;
    }

    private void free(ScheduledOp.Kind kind, int pages) {
        List<Long> held = kind == ScheduledOp.Kind.MANAGED ? cells : buffers;
        for (int i = 0; i < pages && !held.isEmpty(); i++) {
            lease(kind).releasePage(held.removeLast());
        }
        offered = Math.min(offered, cells.size());
        next++;
    }

    private void send(ScheduledOp.Send send) {
        if (world.channel(send.channel()).hasRoom()) {
            request(world.exchange(plan.job()), 1);
        } else {
            phase = Phase.WAITING_FOR_CHANNEL;
        }
    }

    private void put(ScheduledOp.Send send) {
        long page = world.takeInFlight();
        world.channel(send.channel()).items.add(new ScheduledChannel.Item(page, send.barrier()));
    }

    private void receive(ScheduledOp.Receive receive) {
        ScheduledChannel.Item item = world.channel(receive.channel()).items.poll();
        if (item == null) {
            phase = Phase.WAITING_FOR_CHANNEL;
            return;
        }
        world.exchange(plan.job()).releasePage(item.page());
        next++;
    }

    private void align(ScheduledOp.Align align) {
        boolean took = false;
        if (!firstDone) {
            ScheduledChannel.Item item = world.channel(align.first()).items.poll();
            took = item != null;
            firstDone = item != null && item.barrier();
            release(item);
        }
        if (!secondDone && !took) {
            ScheduledChannel.Item item = world.channel(align.second()).items.poll();
            took = item != null;
            secondDone = item != null && item.barrier();
            release(item);
        }
        if (firstDone && secondDone) {
            firstDone = false;
            secondDone = false;
            next++;
        } else if (!took) {
            phase = Phase.WAITING_FOR_CHANNEL;
        }
    }

    private void release(ScheduledChannel.@Nullable Item item) {
        if (item != null) {
            world.exchange(plan.job()).releasePage(item.page());
        }
    }

    boolean isChannelReady() {
        return switch (plan.program().get(next)) {
            case ScheduledOp.Send send -> world.channel(send.channel()).hasRoom();
            case ScheduledOp.Receive receive -> !world.channel(receive.channel()).items.isEmpty();
            case ScheduledOp.Align align ->
                    !firstDone && !world.channel(align.first()).items.isEmpty()
                            || !secondDone && !world.channel(align.second()).items.isEmpty();
            default -> false;
        };
    }

    // The reclaimer.

    @Override
    public Rung rung() {
        return plan.rung();
    }

    @Override
    public long reclaimableBytes() {
        return offered * PAGE;
    }

    /// Gives back; others may make steps before it does, as while a spill writes.
    @Override
    public void reclaim(long bytes) {
        reclaiming = true;
        world.reclaiming.add(this);
        try {
            for (nestedSteps = 0; nestedSteps < NESTED_STEPS_MAX; nestedSteps++) {
                if (!world.nestedStep()) {
                    break;
                }
            }
        } finally {
            world.reclaiming.remove(this);
            reclaiming = false;
        }
        int wanted = (int) Math.min(offered, (bytes + PAGE - 1) / PAGE);
        int given =
                switch (plan.honesty()) {
                    case EXACT -> wanted;
                    case MORE -> offered;
                    case LESS -> Math.min(1, offered);
                    case NOTHING -> 0;
                    case THROWS -> throw new GaveNothing("cannot spill");
                };
        for (int i = 0; i < given; i++) {
            cellLease.releasePage(cells.removeLast());
            offered--;
        }
    }

    /// A failure of the task itself.
    static final class GaveNothing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GaveNothing(String message) {
            super(message, null, false, false);
        }
    }

    @Override
    public String toString() {
        return "%s: %s, %s, holds %d+%d, offers %d%s%s%s%s%s"
                .formatted(
                        plan.name(),
                        phase,
                        next < plan.program().size() ? plan.program().get(next) : "end",
                        cells.size(),
                        buffers.size(),
                        offered,
                        woken ? ", woken" : "",
                        signalled ? ", signalled" : "",
                        cancelled ? ", cancelled" : "",
                        ticket == null ? "" : ", ticket " + ticket.state,
                        failure == null ? "" : ", failed: " + failure.getMessage());
    }
}
