package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.aquifer.memory.Ticket.State;
import io.aquifer.memory.Waiters.Job;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Waiting, asking and ending, one moment at a time. Each of these went wrong once.
class ArbiterTest {
    private static final long PAGE = Plans.PAGE;

    @Test
    void atItsCeiling_givesToItselfAgainAndAgain() {
        try (Waiters waiters =
                new Waiters(Plans.managedOnly(64), AllocationPolicy.parse("fixed"))) {
            Job job = waiters.job("job");
            waiters.job("other").take(8);
            List<Long> offered = job.take(20);
            job.take(12);
            job.offer(offered, Rung.CLEAN_CACHE);
            for (int round = 1; round <= 3; round++) {
                // What it gives is granted to itself: its reclaimer is not dry by that.
                Ticket ticket = job.need(16);
                assertThat(ticket.state).isEqualTo(Ticket.State.WAITING);
                job.serve();
                assertThat(ticket.state).as("round %d", round).isEqualTo(Ticket.State.GRANTED);
                for (int page : ticket.pages) {
                    offered.add(waiters.ledger.pages().address(page));
                }
            }
        }
    }

    @Test
    void waiting_ownerEnds_isGrantedAndWoken() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job holder = waiters.job("holder");
            holder.take(4);
            Job waiter = waiters.job("waiter");
            Ticket ticket = waiter.need(2);
            assertThat(ticket.state).isEqualTo(State.WAITING);

            holder.end();

            assertThat(ticket.state).isEqualTo(State.GRANTED);
            assertThat(waiters.woken).containsExactly(waiter.thread);
        }
    }

    @Test
    void waiting_ownerIsBetweenTheStepsOfItsEnd_isNotDenied() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job holder = waiters.job("holder");
            holder.take(4);
            Ticket ticket = waiters.job("waiter").need(2);
            ScopeEnds.End end = waiters.ledger.ends().begin(holder.scope);
            waiters.passTime(Waiters.ANSWER_NANOS);

            assertThat(ticket.state).isEqualTo(State.WAITING);
            waiters.ledger.ends().finish(end, holder.thread);
            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void waiting_ownerWithoutThreadIsBetweenTheStepsOfItsEnd_isNotDenied() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            MemoryScope library = waiters.ledger.openScope(null, "library", 0);
            library.leasePages(waiters.ledger.managed, "pages").allocatePages(4);
            ScopeEnds.End end = waiters.ledger.ends().begin(library);

            Ticket ticket = waiters.job("waiter").need(2);

            assertThat(ticket.state).isEqualTo(State.WAITING);
            waiters.ledger.ends().finish(end, Thread.currentThread());
            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void waiting_memoryIsInQuarantine_waitsForTheThreadToLeave() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job killed = waiters.job("killed");
            killed.take(4);
            Ticket ticket = waiters.job("waiter").need(2);
            killed.scope.closeAndReport();
            waiters.passTime(Waiters.ANSWER_NANOS);
            assertThat(ticket.state).as("its thread may still leave").isEqualTo(State.WAITING);

            killed.entry.close();

            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void ceiling_quarantineReleased_isWhatItWasBefore() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job killed = waiters.job("killed");
            killed.take(3);
            killed.scope.closeAndReport();
            Job other = waiters.job("other");
            killed.entry.close();

            assertThat(other.need(4).state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void quarantine_leasesOfAnInnerScope_waitForTheThreadOutside() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job task = waiters.job("task");
            MemoryScope operator = task.scope.openScope("operator");
            PageLease lease = operator.leasePages(waiters.ledger.managed, "cells");
            lease.allocatePages(3);

            task.scope.closeAndReport();

            assertThat(waiters.ledger.statistics().quarantineBytes()).isEqualTo(3 * PAGE);
            assertThat(waiters.ledger.statistics().quarantine())
                    .filteredOn(kept -> kept.bytes() > 0)
                    .extracting(QuarantineStatistics::owner, QuarantineStatistics::threads)
                    .containsExactly(tuple("task / operator", List.of("task")));
            task.entry.close();
            assertThat(waiters.ledger.statistics().quarantineBytes()).isZero();
        }
    }

    @Test
    void scopeEnds_twoOfItsThreadsWait_bothAreDenied() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(2))) {
            Job holder = waiters.job("holder");
            holder.take(2);
            Job task = waiters.job("task");
            Ticket first = task.need(1);
            Ticket second =
                    waiters.ledger
                            .requests()
                            .submit(Waiters.thread("io"), task.cells, 1, PAGE, true);

            task.end();

            assertThat(first.state).isEqualTo(State.DENIED);
            assertThat(second.state).isEqualTo(State.DENIED);
            assertThat(first.failure)
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessageContaining("task");
            assertThat(waiters.ledger.managed.waiting).isEmpty();
        }
    }

    @Test
    void leaseCloses_aThreadWaitsForIt_isDeniedAndNothingIsLost() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(2))) {
            Job holder = waiters.job("holder");
            holder.take(2);
            Job waiter = waiters.job("waiter");
            Ticket ticket = waiter.need(1);

            waiter.cells.close();

            assertThat(ticket.state).isEqualTo(State.DENIED);
            assertThat(ticket.failure).isInstanceOf(MemoryUseException.class);
            holder.end();
            assertThat(waiters.ledger.managed.chargedBytes).isZero();
        }
    }

    @Test
    void leaseMoves_aThreadWaitsForIt_isChargedWhereItIsThen() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(2))) {
            Job holder = waiters.job("holder");
            holder.take(2);
            Job waiter = waiters.job("waiter");
            Job heir = waiters.job("heir");
            Ticket ticket = waiter.need(1);

            waiter.cells.moveTo(heir.scope);
            holder.end();
            waiter.end();

            assertThat(ticket.state).isEqualTo(State.GRANTED);
            assertThat(heir.scope.heldBytes()).isEqualTo(PAGE);
        }
    }

    @Test
    void throttle_lastWaiterIsInterrupted_letsSourcesGoOn() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(2))) {
            List<Boolean> slow = new ArrayList<>();
            LastRungs lastRungs = waiters.ledger.arbiter().lastRungs();
            waiters.ledger.run(() -> lastRungs.addThrottle(slow::add));
            waiters.job("holder").take(2);
            Ticket ticket = waiters.job("waiter").need(1);
            assertThat(slow).containsExactly(true);
            List<Boolean> late = new ArrayList<>();
            waiters.ledger.run(() -> lastRungs.addThrottle(late::add));

            waiters.ledger.arbiter().abandon(ticket);

            assertThat(slow).containsExactly(true, false);
            assertThat(late).containsExactly(true, false);
            assertThat(ticket.failure)
                    .hasMessage(
                            "'waiter / cells' was interrupted while it waited for 1 page"
                                    + " (32.0 KiB) of pool 'managed'. Nothing was changed.");
        }
    }

    @Test
    void ask_theAskedThreadLeaves_othersAreAskedAtOnce() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job first = waiters.job("first");
            first.offer(first.take(2), Rung.SPILL);
            Job second = waiters.job("second");
            second.offer(second.take(2), Rung.SPILL);
            Ticket ticket = waiters.job("waiter").need(1);
            Job asked = first.scope.asked ? first : second;
            Job other = first.scope.asked ? second : first;
            assertThat(other.scope.asked).isFalse();

            asked.entry.close();

            assertThat(asked.scope.ask).isNull();
            assertThat(other.scope.asked).isTrue();
            other.serve();
            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void ask_innerScopeWithoutThread_isAnsweredByTheThreadOutside() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(2))) {
            Job task = waiters.job("task");
            MemoryScope operator = task.scope.openScope("operator");
            PageLease lease = operator.leasePages(waiters.ledger.managed, "cells");
            List<Long> pages = new ArrayList<>();
            for (long page : lease.allocatePages(2)) {
                pages.add(page);
            }
            operator.register(new Waiters.Offer(pages, Rung.SPILL, lease::releasePage));
            Ticket ticket = waiters.job("waiter").need(1);
            assertThat(task.scope.asked).isTrue();

            task.serve();

            assertThat(ticket.state).isEqualTo(State.GRANTED);
            assertThat(task.scope.asked).isFalse();
        }
    }

    @Test
    void ask_answererWaitsItself_isExpectedHoweverLongItTakes() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job spiller = waiters.job("spiller");
            spiller.offer(spiller.take(3), Rung.SPILL);
            Job pinned = waiters.job("pinned");
            pinned.take(1);
            Ticket own = spiller.need(1);
            Ticket other = pinned.need(1);
            waiters.passTime(10 * Waiters.ANSWER_NANOS);
            assertThat(List.of(own.state, other.state)).containsOnly(State.WAITING);

            waiters.ledger.arbiter().attend(own);

            assertThat(List.of(own.state, other.state)).containsOnly(State.GRANTED);
        }
    }

    @Test
    void reclaimer_asksForMemoryItself_goesBeforeThoseWhoWaitForIt() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job spiller = waiters.job("spiller");
            List<Long> pages = spiller.take(3);
            List<State> nested = new ArrayList<>();
            spiller.scope.register(
                    new Waiters.Offer(
                            pages,
                            Rung.SPILL,
                            page -> {
                                if (nested.isEmpty()) {
                                    nested.add(spiller.need(1).state);
                                }
                                spiller.cells.releasePage(page);
                            }));
            Ticket ticket = waiters.job("waiter").need(2);

            spiller.serve();

            assertThat(nested).containsExactly(State.GRANTED);
            waiters.passTime(Waiters.ANSWER_NANOS);
            spiller.serve();
            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void reclaimer_gaveNothing_isAskedAgainWhenItSaysSomethingElse() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(3))) {
            Job owner = waiters.job("owner");
            List<Long> pages = owner.take(3);
            boolean[] pinned = {true};
            List<Long> offered = new ArrayList<>(pages);
            owner.scope.register(
                    new Reclaimer() {
                        @Override
                        public Rung rung() {
                            return Rung.SPILL;
                        }

                        @Override
                        public long reclaimableBytes() {
                            return offered.size() * PAGE;
                        }

                        @Override
                        public void reclaim(long bytes) {
                            if (!pinned[0]) {
                                owner.cells.releasePage(offered.removeLast());
                            }
                        }
                    });
            Ticket ticket = waiters.job("waiter").need(1);
            owner.serve();
            waiters.passTime(Waiters.ANSWER_NANOS);
            assertThat(owner.scope.asked).as("not asked again for the same").isFalse();

            pinned[0] = false;
            offered.removeLast();
            waiters.passTime(Waiters.ANSWER_NANOS);
            assertThat(owner.scope.asked).isTrue();
            owner.serve();

            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void move_oldOwnersGuaranteeWouldNotFit_isRefusedAndNothingMoves() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(10))) {
            Job guaranteed = waiters.job("guaranteed");
            guaranteed.scope.guarantee(waiters.ledger.managed, 5 * PAGE);
            guaranteed.take(5);
            Job other = waiters.job("other");
            other.take(4);
            MemoryStatistics before = waiters.ledger.statistics();

            assertThatThrownBy(() -> guaranteed.cells.moveTo(other.scope))
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessage(
                            """
                            cannot move 160.0 KiB of 'guaranteed / cells' to 'other': 'guaranteed' is guaranteed \
                            160.0 KiB of pool 'managed', and to keep that free 128.0 KiB are missing.
                            Largest holders: 'guaranteed / cells' 160.0 KiB, 'other / cells' 128.0 KiB.
                            Raise --memory or env.setMemory (now 320.0 KiB), or guarantee the memory to 'other' \
                            instead.\
                            """);
            assertThat(waiters.ledger.statistics()).isEqualTo(before);
        }
    }

    @Test
    void guarantee_othersHaveUnusedPages_takesThem() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(100))) {
            Job other = waiters.job("other");
            List<Long> pages = other.take(64);
            pages.subList(60, 64).forEach(other.cells::releasePage);
            Job task = waiters.job("task");

            task.scope.guarantee(waiters.ledger.managed, 40 * PAGE);

            assertThat(task.need(40).state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void network_missesMoreThanTheReserve_takesTheReserveAndWhatItLent() {
        try (Waiters waiters = new Waiters(Plans.ofPages(5, 0, 0, 4, 1, 2))) {
            Job managed = waiters.job("managed");
            List<Long> pages = managed.take(8);
            pages.forEach(managed.cells::releasePage);
            waiters.ledger.requests().takeBackUnused(managed.cells);
            Job network = waiters.job("network");
            MemoryPool pool = waiters.ledger.network;

            assertThat(network.needNetwork(4).state).isEqualTo(State.GRANTED);

            assertThat(pool.chargedBytes).isLessThanOrEqualTo(pool.limitBytes);
        }
    }

    @Test
    void denial_withinAJob_endsThoseWhoseEndLeavesHopeToOthers() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(4))) {
            Job small = waiters.job("small");
            small.take(1);
            Job large = waiters.job("large");
            large.take(3);
            Ticket first = small.need(1);
            assertThat(first.state).isEqualTo(State.WAITING);

            Ticket second = large.need(2);

            assertThat(second.state)
                    .as("could go on only by giving up its own")
                    .isEqualTo(State.DENIED);
            assertThat(first.state).isEqualTo(State.WAITING);
            large.end();
            assertThat(first.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void lastResort_anotherJobHasTooLittle_isNotEndedInVain() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(8))) {
            Job important = waiters.job("important", 2);
            important.take(6);
            Job small = waiters.job("small", 0);
            small.take(2);
            Job waiter = waiters.job("waiter", 1);
            Ticket ticket = waiter.need(3);

            waiters.passTime(Waiters.WAIT_NANOS);

            assertThat(small.scope.doom).isNull();
            assertThat(ticket.state).isEqualTo(State.DENIED);
            assertThat(ticket.failure)
                    .hasMessageStartingWith(
                            "cannot allocate 3 pages (96.0 KiB) for 'waiter / cells': pool"
                                    + " 'managed' has 0 B of 256.0 KiB free");
        }
    }

    @Test
    void lastResort_lesserJobHoldsEnough_endsAndIsTold() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(8))) {
            Job lesser = waiters.job("lesser", -1);
            lesser.take(8);
            Ticket ticket = waiters.job("waiter").need(3);

            waiters.passTime(Waiters.WAIT_NANOS);

            assertThatThrownBy(lesser::serve)
                    .isInstanceOf(MemoryExhaustedException.class)
                    .hasMessageStartingWith(
                            "'lesser' must end, so that 'waiter / cells' gets 3 pages (96.0 KiB) of"
                                    + " pool 'managed': nothing else could be given back");
            waiters.passTime(Waiters.WAIT_NANOS / 2);
            assertThat(ticket.state).isEqualTo(State.WAITING);
            lesser.end();
            assertThat(ticket.state).isEqualTo(State.GRANTED);
        }
    }

    @Test
    void lastResort_twoAreOverdue_onlyOneJobEnds() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(8))) {
            Job first = waiters.job("first", -1);
            first.take(4);
            Job second = waiters.job("second", -1);
            second.take(4);
            Ticket one = waiters.job("one").need(2);
            Ticket two = waiters.job("two").need(2);

            waiters.passTime(Waiters.WAIT_NANOS);

            assertThat(first.scope.doom).isNull();
            assertThat(second.scope.doom).isNotNull();
            second.end();
            assertThat(List.of(one.state, two.state)).containsOnly(State.GRANTED);
        }
    }

    @Test
    void resizeDown_leasesHaveUnusedPages_takesThemAtOnce() {
        try (Waiters waiters = new Waiters(Plans.managedOnly(100))) {
            Job task = waiters.job("task");
            List<Long> pages = task.take(64);
            pages.subList(58, 64).forEach(task.cells::releasePage);

            waiters.ledger.resize(58 * PAGE);

            assertThat(waiters.ledger.statistics().totalBytes()).isEqualTo(58 * PAGE);
        }
    }
}
