package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.aquifer.memory.kernel.PageAccess;
import io.aquifer.memory.space.AddressSpace;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// How scopes end: inside one another, with threads inside, with IO under way, with requests that
/// wait.
class ScopeEndTest {
    private static final long PAGE = Plans.PAGE;
    private long now;
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(32, 8, 0, 16, 4, 16),
                    MemoryOptions.DEFAULTS.withoutPurging().withClock(() -> now));

    @AfterEach
    void nothingIsHeld() {
        MemoryStatistics end = manager.statistics();
        assertThat(end.heldBytes()).isZero();
        assertThat(end.quarantine()).isEmpty();
        manager.purge();
        assertThat(manager.statistics().pageBytesResident()).isZero();
        manager.close();
    }

    @Test
    void close_ofAnOuterScope_endsTheInnerOnesAndReportsTheirLeases() {
        MemoryScope job = manager.openScope("job");
        MemoryScope task = job.openScope("task");
        MemoryScope attempt = task.openScope("attempt");
        PageLease cells = attempt.leasePages(manager.managed(), "cells");
        cells.allocatePages(3);
        task.leaseBytes(manager.managedHeap(), "objects").reserve(9);
        job.leasePages(manager.network(), "buffers").allocatePage();
        assertThat(job.heldBytes()).isEqualTo(4 * PAGE + 9);
        assertThat(attempt.owner()).isEqualTo("job / task / attempt");

        LeakReport report = job.closeAndReport();

        assertThat(report.leaks())
                .extracting(Leak::owner)
                .containsExactlyInAnyOrder(
                        "job / task / attempt / cells", "job / task / objects", "job / buffers");
        assertThat(report.bytes()).isEqualTo(4 * PAGE + 9);
        assertThat(attempt.isClosed()).isTrue();
        assertThat(task.closeAndReport().isEmpty()).isTrue();
        assertThatThrownBy(cells::allocatePage)
                .isInstanceOf(MemoryUseException.class)
                .hasMessageContaining("its scope ended");
        assertThatThrownBy(() -> task.openScope("late"))
                .isInstanceOf(MemoryUseException.class)
                .hasMessageStartingWith("scope 'job / task' is closed");
        assertThatThrownBy(attempt::enter).isInstanceOf(MemoryUseException.class);
    }

    @Test
    void close_ofAnInnerScope_leavesTheOuterOneAlone() {
        MemoryScope job = manager.openScope("job");
        MemoryScope task = job.openScope("task");
        PageLease outer = job.leasePages(manager.managed(), "outer");
        outer.allocatePage();
        task.leasePages(manager.managed(), "inner").allocatePages(2);

        assertThat(task.closeAndReport().bytes()).isEqualTo(2 * PAGE);

        assertThat(job.heldBytes()).isEqualTo(PAGE);
        assertThat(outer.allocatePage()).isNotZero();
        job.closeAndReport();
    }

    @Test
    void close_byTheThreadThatIsInside_needsNoQuarantine() {
        MemoryScope scope = manager.openScope("task");
        MemoryScope.Entry entry = scope.enter();
        scope.leasePages(manager.managed(), "cells").allocatePage();

        scope.closeAndReport();

        assertThat(manager.statistics().quarantine()).isEmpty();
        entry.close();
        entry.close();
    }

    @Test
    void close_anotherThreadInside_quarantinesAllPoolsUntilItHasLeft() throws InterruptedException {
        MemoryScope scope = manager.openScope("task");
        scope.leasePages(manager.managed(), "cells").allocatePages(5);
        scope.leasePages(manager.network(), "buffers").allocatePages(2);
        scope.leaseBytes(manager.managedHeap(), "objects").reserve(100);
        MemoryScope.Entry[] late = new MemoryScope.Entry[1];
        Thread thread = Thread.ofPlatform().name("late").start(() -> late[0] = scope.enter());
        thread.join();
        MemoryStatistics before = manager.statistics();

        scope.closeAndReport();
        manager.purge();

        MemoryStatistics now = manager.statistics();
        assertThat(now.quarantine())
                .containsExactly(new QuarantineStatistics("task", 7 * PAGE + 100, List.of("late")));
        assertThat(now.managed().limitBytes()).isEqualTo(27 * PAGE);
        assertThat(now.network().limitBytes()).isEqualTo(14 * PAGE);
        assertThat(now.managedHeap().limitBytes()).isEqualTo(8 * PAGE - 100);
        assertThat(now.heldBytes()).isZero();
        assertThat(manager.report().toString())
                .contains("  224.1 KiB of 'task', which ended: thread 'late' has not left\n");

        late[0].close();

        MemoryStatistics after = manager.statistics();
        assertThat(after.quarantine()).isEmpty();
        for (int pool = 0; pool < 4; pool++) {
            assertThat(after.pools().get(pool).limitBytes())
                    .isEqualTo(before.pools().get(pool).limitBytes());
        }
        late[0].close();
    }

    /// The ceilings of those who stay count what was in quarantine again.
    @Test
    void leave_afterTheQuarantine_letsANeighbourHaveEverything() throws InterruptedException {
        MemoryScope dead = manager.openScope("dead");
        dead.leasePages(manager.managed(), "cells").allocatePages(20);
        MemoryScope.Entry[] late = new MemoryScope.Entry[1];
        Thread.ofPlatform().start(() -> late[0] = dead.enter()).join();
        dead.closeAndReport();
        try (MemoryScope neighbour = manager.openScope("neighbour");
                PageLease pages = neighbour.leasePages(manager.managed(), "pages")) {
            int first = takeAll(pages).size();
            late[0].close();
            int second = takeAll(pages).size();

            assertThat(first).isEqualTo(32 + 16 + 12 - 20);
            assertThat(second).isEqualTo(20);
        }
    }

    @Test
    void close_ioUsesAView_keepsItsPagesUntilItHasEnded()
            throws IOException, InterruptedException, ExecutionException {
        for (boolean byPurger : new boolean[] {false, true}) {
            MemoryScope scope = manager.openScope("task");
            PageLease lease = scope.leasePages(manager.managed(), "cells");
            long[] pages = lease.allocatePages(32);
            MemorySegment view = lease.view(pages[3]);
            try (MemoryScope neighbour = manager.openScope("neighbour");
                    PageLease neighbourPages = neighbour.leasePages(manager.managed(), "pages");
                    Connection connection = Connection.open()) {
                Future<Integer> reading = connection.client.read(view.asByteBuffer());

                scope.closeAndReport();
                manager.purge();
                manager.ledger().purger().look();

                assertThat(manager.statistics().quarantine())
                        .containsExactly(new QuarantineStatistics("task", 32 * PAGE, List.of()));
                assertThat(manager.report().toString())
                        .contains(
                                "  1.0 MiB of 'task', which ended: IO or a last store through one"
                                        + " of its views may be under way\n");
                assertThatThrownBy(() -> scope.leasePages(manager.managed(), "late"))
                        .isInstanceOf(MemoryUseException.class);
                List<Long> taken = takeAll(neighbourPages);
                assertThat(taken).hasSize(16 + 12);
                taken.forEach(page -> PageAccess.fill(page, PAGE, (byte) 0x44));

                connection.server.write(ByteBuffer.wrap(new byte[] {9, 9, 9})).get();
                assertThat(reading.get()).isEqualTo(3);
                manager.purge();
                now += ScopeEnds.REST_NANOS;
                if (byPurger) {
                    manager.ledger().purger().look();
                } else {
                    manager.purge();
                }

                assertThat(manager.statistics().quarantine()).isEmpty();
                assertThatThrownBy(() -> view.get(JAVA_BYTE, 0))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(takeAll(neighbourPages)).hasSize(32);
                for (long page : taken) {
                    for (int i = 0; i < PAGE; i++) {
                        assertThat(PageAccess.getByte(page + i)).isEqualTo((byte) 0x44);
                    }
                }
            }
        }
    }

    /// The purger's own thread finds out that the operation has ended.
    @Test
    void close_ioUsesAView_isReleasedByThePurgersThread()
            throws IOException, InterruptedException, ExecutionException {
        try (MemoryManager purging = MemoryManager.create(Plans.managedOnly(8));
                Connection connection = Connection.open()) {
            MemoryScope scope = purging.openScope("task");
            PageLease lease = scope.leasePages(purging.managed(), "cells");
            MemorySegment view = lease.view(lease.allocatePage());
            Future<Integer> reading = connection.client.read(view.asByteBuffer());
            scope.closeAndReport();
            assertThat(purging.statistics().quarantineBytes()).isEqualTo(PAGE);
            Thread purger = purging.ledger().purger().thread();
            assertThat(purger).isNotNull();

            connection.server.write(ByteBuffer.wrap(new byte[] {1})).get();
            reading.get();
            purger.join();

            assertThat(purging.statistics().quarantine()).isEmpty();
            assertThat(purging.statistics().pageBytesResident()).isZero();
        }
    }

    /// The virtual machine may end a store a moment after it has closed the arena.
    @Test
    void close_viewsWereGiven_letsTheirPagesRestBeforeOthersGetThem() {
        assumeTrue(AddressSpace.MAPPED, "a portable view takes its chunk with it");
        MemoryScope seen = manager.openScope("seen");
        PageLease cells = seen.leasePages(manager.managed(), "cells");
        long[] pages = cells.allocatePages(20);
        cells.view(pages[7]);
        MemoryScope unseen = manager.openScope("unseen");
        unseen.leasePages(manager.managed(), "cells").allocatePages(20);
        MemoryScope waiting = manager.openScope("waiting");
        PageLease waitingPages = waiting.leasePages(manager.managed(), "pages");

        unseen.closeAndReport();
        assertThat(manager.statistics().quarantine()).as("without views").isEmpty();
        seen.closeAndReport();

        assertThat(manager.statistics().quarantine())
                .containsExactly(new QuarantineStatistics("seen", 20 * PAGE, List.of()));
        List<Long> first = takeAll(waitingPages);
        assertThat(first).hasSize(32 + 16 + 12 - 20);
        for (long page : pages) {
            assertThat(first).doesNotContain(page);
        }
        Ticket ticket =
                manager.ledger().requests().submit(new Thread(), waitingPages, 20, 20 * PAGE, true);
        assertThat(ticket.state).as("it will be there soon").isEqualTo(Ticket.State.WAITING);
        now += ScopeEnds.REST_NANOS - 1;
        manager.purge();
        assertThat(manager.ledger().purger().look()).isTrue();
        assertThat(ticket.state).isEqualTo(Ticket.State.WAITING);

        now++;
        manager.ledger().purger().look();

        assertThat(ticket.state).isEqualTo(Ticket.State.GRANTED);
        assertThat(manager.statistics().quarantine()).isEmpty();
        waiting.closeAndReport();
    }

    @Test
    void closeLease_aRequestWaitsOnIt_isDeniedAndNothingIsCharged() {
        MemoryScope rich = manager.openScope("rich");
        MemoryScope.Entry inside = rich.enter();
        PageLease much = rich.leasePages(manager.managed(), "much");
        List<Long> pages = takeAll(much);
        MemoryScope poor = manager.openScope("poor");
        PageLease gone = poor.leasePages(manager.managed(), "gone");
        Ticket ticket = manager.ledger().requests().submit(new Thread(), gone, 2, 2 * PAGE, true);
        assertThat(ticket.state).isEqualTo(Ticket.State.WAITING);

        gone.close();
        pages.forEach(much::releasePage);

        assertThat(ticket.state).isEqualTo(Ticket.State.DENIED);
        assertThat(ticket.failure)
                .isInstanceOf(MemoryUseException.class)
                .hasMessageStartingWith("lease 'poor / gone' is closed.");
        assertThat(manager.statistics().arbitration().waiting()).isZero();
        assertThat(manager.statistics().heldBytes()).isZero();
        assertThat(poor.leaks()).isEmpty();
        poor.close();
        inside.close();
        rich.closeAndReport();
        assertThat(manager.statistics().managed().residentBytes() % PAGE).isZero();
    }

    @Test
    void close_requestsOfItsScopeWait_deniesThem() {
        MemoryScope rich = manager.openScope("rich");
        MemoryScope.Entry inside = rich.enter();
        PageLease much = rich.leasePages(manager.managed(), "much");
        takeAll(much);
        MemoryScope poor = manager.openScope("poor");
        PageLease one = poor.leasePages(manager.managed(), "one");
        PageLease two = poor.leasePages(manager.managed(), "two");
        Ticket first = manager.ledger().requests().submit(new Thread(), one, 1, PAGE, true);
        Ticket second = manager.ledger().requests().submit(new Thread(), two, 1, PAGE, true);

        poor.closeAndReport();
        much.close();

        assertThat(first.state).isEqualTo(Ticket.State.DENIED);
        assertThat(second.state).isEqualTo(Ticket.State.DENIED);
        assertThat(first.failure).isInstanceOf(MemoryUseException.class);
        assertThat(second.failure).isInstanceOf(MemoryUseException.class);
        inside.close();
        rich.closeAndReport();
    }

    private static List<Long> takeAll(PageLease lease) {
        Set<Long> pages = new HashSet<>();
        for (long page; (page = lease.tryAllocatePage()) != 0; ) {
            assertThat(pages.add(page)).as("handed out twice").isTrue();
        }
        return List.copyOf(pages);
    }

    /// Two ends of a connection; a read that has begun uses its buffer until bytes arrive.
    private record Connection(AsynchronousSocketChannel client, AsynchronousSocketChannel server)
            implements AutoCloseable {
        static Connection open() throws IOException, InterruptedException, ExecutionException {
            try (AsynchronousServerSocketChannel listener =
                    AsynchronousServerSocketChannel.open()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Future<AsynchronousSocketChannel> accepted = listener.accept();
                AsynchronousSocketChannel client = AsynchronousSocketChannel.open();
                client.connect(listener.getLocalAddress()).get();
                return new Connection(client, accepted.get());
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }
}
