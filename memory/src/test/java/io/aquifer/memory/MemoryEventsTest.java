package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// What the flight recorder sees of every kind of decision, recorded in this process.
class MemoryEventsTest {
    private static final long PAGE = Plans.PAGE;
    private static final List<String> EVENTS =
            List.of(
                    "aquifer.MemoryGrant",
                    "aquifer.MemoryDenial",
                    "aquifer.MemorySpillRequest",
                    "aquifer.MemoryReclaim",
                    "aquifer.MemoryThrottle",
                    "aquifer.MemoryQuarantine",
                    "aquifer.MemoryLeak");

    @TempDir Path directory;

    private final AtomicLong clock = new AtomicLong();
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.managedOnly(32),
                    MemoryOptions.DEFAULTS.withoutPurging().withClock(clock::get));

    @Test
    void events_ofAReclaim_sayWhoGaveWhatToWhom() throws IOException {
        List<RecordedEvent> events =
                record(
                        () -> {
                            MemoryScope rich = manager.openScope("rich");
                            PageLease much = rich.leasePages(manager.managed(), "much");
                            Deque<Long> pages = takeAll(much);
                            MemoryScope.Entry inside = rich.enter();
                            rich.register(new Spilling(much, pages));
                            MemoryScope poor = manager.openScope("poor");
                            PageLease wanted = poor.leasePages(manager.managed(), "wanted");

                            Ticket ticket = submit(wanted, 3);
                            clock.addAndGet(5_000_000);
                            rich.serveReclaims();

                            assertThat(ticket.state).isEqualTo(Ticket.State.GRANTED);
                            wanted.close();
                            much.close();
                            inside.close();
                            poor.close();
                            rich.close();
                        });

        RecordedEvent request = only(events, "aquifer.MemorySpillRequest");
        assertThat(request.getString("owner")).isEqualTo("rich");
        assertThat(request.getLong("bytes")).isEqualTo(16 * PAGE);
        RecordedEvent reclaim = only(events, "aquifer.MemoryReclaim");
        assertThat(reclaim.getString("owner")).isEqualTo("rich");
        assertThat(reclaim.getString("rung")).isEqualTo("SPILL");
        assertThat(reclaim.getLong("asked")).isEqualTo(16 * PAGE);
        assertThat(reclaim.getLong("given")).isEqualTo(16 * PAGE);
        assertThat(reclaim.getDuration("took")).isEqualTo(Duration.ofMillis(7));
        RecordedEvent grant = only(events, "aquifer.MemoryGrant");
        assertThat(grant.getString("owner")).isEqualTo("poor / wanted");
        assertThat(grant.getString("pool")).isEqualTo("managed");
        assertThat(grant.getLong("bytes")).isEqualTo(3 * PAGE);
        assertThat(grant.getDuration("waited")).isEqualTo(Duration.ofMillis(12));
        assertThat(events).hasSize(3);
    }

    @Test
    void events_ofAWaitForOthers_sayThatSourcesAreSlowed() throws IOException {
        List<RecordedEvent> events =
                record(
                        () -> {
                            MemoryScope rich = manager.openScope("rich");
                            PageLease much = rich.leasePages(manager.managed(), "much");
                            takeAll(much);
                            MemoryScope.Entry inside = rich.enter();
                            MemoryScope poor = manager.openScope("poor");
                            PageLease wanted = poor.leasePages(manager.managed(), "wanted");
                            Ticket ticket = submit(wanted, 3);
                            assertThat(ticket.state).isEqualTo(Ticket.State.WAITING);
                            much.close();
                            assertThat(ticket.state).isEqualTo(Ticket.State.GRANTED);
                            wanted.close();
                            inside.close();
                            poor.close();
                            rich.close();
                        });

        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().endsWith("Throttle"))
                .extracting(event -> event.getBoolean("on"))
                .containsExactly(true, false);
        only(events, "aquifer.MemoryGrant");
    }

    @Test
    void events_ofADenial_sayWhatWasTried() throws IOException {
        List<RecordedEvent> events =
                record(
                        () -> {
                            MemoryScope scope = manager.openScope("alone");
                            PageLease lease = scope.leasePages(manager.managed(), "cells");
                            takeAll(lease);
                            assertThat(submit(lease, 2).state).isEqualTo(Ticket.State.DENIED);
                            lease.close();
                            scope.close();
                        });

        RecordedEvent denial = only(events, "aquifer.MemoryDenial");
        assertThat(denial.getString("owner")).isEqualTo("alone / cells");
        assertThat(denial.getString("pool")).isEqualTo("managed");
        assertThat(denial.getLong("bytes")).isEqualTo(2 * PAGE);
        assertThat(denial.getString("tried")).isEmpty();
    }

    @Test
    void events_ofAnEndWithThreadsInside_sayWhatLeakedAndWhoKeepsIt() throws IOException {
        List<RecordedEvent> events =
                record(
                        () -> {
                            MemoryScope scope = manager.openScope("dead");
                            scope.leasePages(manager.managed(), "cells").allocatePages(4);
                            MemoryScope.Entry[] late = new MemoryScope.Entry[1];
                            Thread.ofPlatform()
                                    .name("late writer")
                                    .start(() -> late[0] = scope.enter())
                                    .join();
                            scope.closeAndReport();
                            manager.purge();
                            manager.purge();
                            late[0].close();
                        });

        RecordedEvent quarantine = only(events, "aquifer.MemoryQuarantine");
        assertThat(quarantine.getString("owner")).isEqualTo("dead");
        assertThat(quarantine.getLong("bytes")).isEqualTo(4 * PAGE);
        assertThat(quarantine.getString("threads")).isEqualTo("late writer");
        RecordedEvent leak = only(events, "aquifer.MemoryLeak");
        assertThat(leak.getString("owner")).isEqualTo("dead / cells");
        assertThat(leak.getString("pool")).isEqualTo("managed");
        assertThat(leak.getLong("bytes")).isEqualTo(4 * PAGE);
        assertThat(leak.getString("site")).isEmpty();
    }

    private Ticket submit(PageLease lease, int pages) {
        return manager.ledger().requests().submit(new Thread(), lease, pages, pages * PAGE, true);
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private List<RecordedEvent> record(Work work) throws IOException {
        Path file = directory.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            EVENTS.forEach(event -> recording.enable(event).withoutThreshold());
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        manager.close();
        return RecordingFile.readAllEvents(file);
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name) {
        List<RecordedEvent> named =
                events.stream()
                        .filter(event -> event.getEventType().getName().equals(name))
                        .toList();
        assertThat(named).as(name).hasSize(1);
        return named.getFirst();
    }

    private static Deque<Long> takeAll(PageLease lease) {
        Deque<Long> pages = new ArrayDeque<>();
        for (long page; (page = lease.tryAllocatePage()) != 0; ) {
            pages.add(page);
        }
        return pages;
    }

    /// Gives back as many pages as are asked for, in 7 ms.
    private final class Spilling implements Reclaimer {
        private final PageLease lease;
        private final Deque<Long> pages;

        Spilling(PageLease lease, Deque<Long> pages) {
            this.lease = lease;
            this.pages = pages;
        }

        @Override
        public Rung rung() {
            return Rung.SPILL;
        }

        @Override
        public long reclaimableBytes() {
            return pages.size() * PAGE;
        }

        @Override
        public void reclaim(long bytes) {
            clock.addAndGet(7_000_000);
            for (long left = bytes; left > 0; left -= PAGE) {
                lease.releasePage(pages.poll());
            }
        }
    }
}
