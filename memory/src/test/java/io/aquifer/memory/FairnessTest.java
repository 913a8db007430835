package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.Waiters.Job;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Sixteen greedy owners in virtual time: each always wants more, in requests of a heavy-tailed
/// size, and holds what it got for a while.
///
/// Goal: nobody waits longer than the queue explains, and all get about the same. The measure is
/// Jain's index over what each held over time: 1 if all held the same, 1/16 if one held all.
class FairnessTest {
    private static final int OWNERS = 16;
    private static final int PAGES = 128;
    private static final int LARGEST = 16;
    private static final int HELD_TICKS_MAX = 20;
    private static final int TICKS = 2_000;
    private static final long TICK_NANOS = Waiters.ANSWER_NANOS / 10;

    /// @param jainLeast what holds with room to spare under that policy
    @ParameterizedTest(name = "{0}")
    @CsvSource({"elastic, 0.95", "fair-share, 0.95", "fixed, 0.95", "priority, 0.95"})
    void greedyOwners_heavyTailedRequests_shareAndNobodyWaitsLong(String policy, double jainLeast) {
        SplittableRandom random = new SplittableRandom(7);
        try (Waiters waiters =
                new Waiters(Plans.managedOnly(PAGES), AllocationPolicy.parse(policy))) {
            List<Greedy> owners = new ArrayList<>();
            for (int i = 0; i < OWNERS; i++) {
                Job job = waiters.job("owner " + i);
                // What it holds comes back while it waits, by another thread of its own.
                waiters.ledger.enter(job.scope, Waiters.thread("releases"));
                owners.add(new Greedy(job, random.split()));
            }
            for (int tick = 0; tick < TICKS; tick++) {
                for (Greedy owner : owners) {
                    owner.act(tick);
                }
                waiters.passTime(TICK_NANOS);
            }

            double[] held = owners.stream().mapToDouble(owner -> owner.heldPageTicks).toArray();
            int waitedMost = owners.stream().mapToInt(owner -> owner.waitedMost).max().orElse(0);
            System.out.printf(
                    "%-10s Jain %.3f, %.1f %% used, longest wait %d ticks, %d refusals%n",
                    policy,
                    jain(held),
                    100 * Arrays.stream(held).sum() / TICKS / PAGES,
                    waitedMost,
                    owners.stream().mapToInt(owner -> owner.refused).sum());
            assertThat(jain(held)).isGreaterThan(jainLeast);
            assertThat(waitedMost)
                    .as("all before it hold what they got once each")
                    .isLessThan(OWNERS * HELD_TICKS_MAX);
        }
    }

    static double jain(double[] shares) {
        double sum = Arrays.stream(shares).sum();
        double squares = Arrays.stream(shares).map(share -> share * share).sum();
        return sum * sum / (shares.length * squares);
    }

    private record Piece(List<Long> pages, int until) {}

    private static final class Greedy {
        private final Job job;
        private final SplittableRandom random;
        private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
        private @Nullable Ticket waiting;
        private int since;
        private int heldPages;
        private boolean full;
        double heldPageTicks;
        int waitedMost;
        int refused;

        Greedy(Job job, SplittableRandom random) {
            this.job = job;
            this.random = random;
        }

        void act(int tick) {
            while (!pieces.isEmpty() && pieces.peek().until() <= tick) {
                Piece done = pieces.remove();
                done.pages().forEach(job.cells::releasePage);
                heldPages -= done.pages().size();
                full = false;
            }
            if (waiting != null && waiting.state != Ticket.State.WAITING) {
                decided(waiting, tick);
                waiting = null;
            }
            if (waiting == null && !full) {
                Ticket ticket = job.need(size());
                since = tick;
                if (ticket.state == Ticket.State.WAITING) {
                    waiting = ticket;
                } else {
                    decided(ticket, tick);
                }
            }
            heldPageTicks += heldPages;
        }

        /// Pareto, shape 1.2: most requests are for a page, some for many.
        private int size() {
            double size = Math.pow(1 - random.nextDouble(), -1 / 1.2);
            return (int) Math.min(LARGEST, size);
        }

        private void decided(Ticket ticket, int tick) {
            waitedMost = Math.max(waitedMost, tick - since);
            if (ticket.state == Ticket.State.DENIED) {
                // At the ceiling of its policy: again when it has released something.
                refused++;
                full = !pieces.isEmpty();
                return;
            }
            List<Long> pages = new ArrayList<>();
            for (int page : ticket.pages) {
                pages.add(job.scope.ledger().pages().address(page));
            }
            heldPages += pages.size();
            int last = pieces.isEmpty() ? tick : pieces.getLast().until();
            pieces.add(new Piece(pages, Math.max(last, tick + 1 + random.nextInt(HELD_TICKS_MAX))));
        }
    }
}
