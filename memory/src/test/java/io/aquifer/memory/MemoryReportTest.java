package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicLong;

/// The report as people and programs read it, word by word.
class MemoryReportTest {
    private final AtomicLong clock = new AtomicLong();
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(64, 32, 32, 16, 4, 48),
                    MemoryOptions.DEFAULTS.withoutPurging().withClock(clock::get));

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void toString_nothingHeld_isShort() {
        assertThat(manager.report())
                .hasToString(
                        """
                        Memory budget 6.0 MiB, 0 B held; pressure low; %s pages, 0 B resident
                        pool                limit  held  resident  most held
                          managed         2.0 MiB   0 B       0 B        0 B
                          managed-heap    1.0 MiB   0 B       0 B        0 B
                          operation       1.0 MiB   0 B       0 B        0 B
                          network       512.0 KiB   0 B       0 B        0 B
                          reserve         1.5 MiB
                          quarantine          0 B
                        held by nobody
                        policy 'elastic'; nobody waits, the longest wait so far took 0 ms\
                        """
                                .formatted(manager.statistics().pageMode()));
    }

    @Test
    void toString_everythingAtOnce_tellsAll() throws InterruptedException {
        try (MemoryScope flights = manager.openScope("flights");
                MemoryScope windows = flights.openScope("windows (1/2)");
                MemoryScope other = manager.openScope("other");
                PageLease cells = windows.leasePages(manager.managed(), "sum / cells");
                PageLease index = windows.leasePages(manager.managed(), "sum / index");
                PageLease cursor =
                        windows.leasePages(manager.managed(), "cursor", Retention.PINNED);
                ByteLease objects = other.leaseBytes(manager.managedHeap(), "objects")) {
            windows.guarantee(manager.managed(), 4 * Plans.PAGE);
            cells.allocatePages(8);
            index.allocatePage();
            cursor.allocatePage();
            objects.reserve(1_000);
            for (int i = 0; i < 3; i++) {
                manager.checkpointCompleted();
            }
            MemoryScope dead = manager.openScope("dead");
            dead.leasePages(manager.network(), "buffers").allocatePages(2);
            MemoryScope.Entry late = enterOnAnotherThread(dead, "late writer");
            dead.closeAndReport();
            try (MemoryScope.Entry inside = windows.enter();
                    PageLease big = other.leasePages(manager.managed(), "big")) {
                assertThat(inside).isNotNull();
                Ticket ticket =
                        manager.ledger()
                                .requests()
                                .submit(new Thread(), big, 115, 115 * Plans.PAGE, true);
                clock.addAndGet(12_000_000);
                assertThat(ticket.state).isEqualTo(Ticket.State.WAITING);

                String resident = MemorySize.text(manager.statistics().pageBytesResident());
                assertThat(manager.report())
                        .hasToString(
                                """
                                Memory budget 6.0 MiB, 321.0 KiB held; pressure low; %s pages, %s resident
                                pool                limit       held   resident  most held
                                  managed         2.0 MiB  320.0 KiB  320.0 KiB  320.0 KiB
                                  managed-heap    1.0 MiB     1000 B     1000 B     1000 B
                                  operation       1.0 MiB        0 B        0 B        0 B
                                  network       448.0 KiB        0 B        0 B   64.0 KiB
                                  reserve         1.5 MiB
                                  quarantine     64.0 KiB
                                held by                   held  may hold  guaranteed  can give back
                                  managed            320.0 KiB   2.0 MiB   128.0 KiB
                                    flights          320.0 KiB             128.0 KiB
                                      windows (1/2)  320.0 KiB   3.9 MiB   128.0 KiB
                                        sum          288.0 KiB
                                          cells      256.0 KiB
                                          index       32.0 KiB
                                        cursor        32.0 KiB
                                  managed-heap          1000 B   1.0 MiB
                                    other               1000 B   1.0 MiB
                                      objects           1000 B
                                in quarantine
                                  64.0 KiB of 'dead', which ended: thread 'late writer' has not left
                                policy 'elastic', sources are slowed; 1 request waits, the longest wait so far took 0 ms
                                  'other / big' has waited 12 ms for 3.6 MiB of pool 'managed'
                                pinned for 3 checkpoints or more, as if forgotten
                                  'flights / windows (1/2) / cursor' held 1 page (32.0 KiB) of pool 'managed'\
                                """
                                        .formatted(manager.statistics().pageMode(), resident));
            }
            late.close();
        }
    }

    @Test
    void toString_smallerTotalAwaited_saysSo() {
        try (MemoryScope scope = manager.openScope("task");
                ByteLease lease = scope.leaseBytes(manager.managed(), "map")) {
            lease.reserve(100 * Plans.PAGE);
            manager.resize(150 * Plans.PAGE);

            assertThat(manager.report().toString())
                    .startsWith(
                            "Memory budget 5.3 MiB, 3.1 MiB held; becomes 4.7 MiB as memory comes"
                                    + " back; pressure critical; ");
        }
    }

    @Test
    void json_ofEverything_isOneObjectWithTheNamesOfTheDocument() throws InterruptedException {
        MemoryScope odd =
                manager.openScope("a \"quoted\" \\ owner\n\u0001\u2028\ud800\ud83d\ude00");
        ByteLease lease = odd.leaseBytes(manager.managedHeap(), "x", Retention.PINNED);
        lease.reserve(5);
        for (int i = 0; i < 3; i++) {
            manager.checkpointCompleted();
        }
        MemoryScope dead = manager.openScope("dead");
        dead.leaseBytes(manager.managed(), "b").reserve(7);
        MemoryScope.Entry late = enterOnAnotherThread(dead, "late");
        dead.closeAndReport();

        String owner = "a \\\"quoted\\\" \\\\ owner\\n\\u0001\\u2028\\ud800\ud83d\ude00";
        assertThat(manager.report().json())
                .isEqualTo(
                        ("""
                        {"totalBytes":6291456,"targetBytes":6291456,"heldBytes":5,"reserveBytes":1572864,\
                        "quarantineBytes":7,"pageBytesResident":0,"pageMode":"MODE","pressure":"low",\
                        "policy":"elastic","throttling":false,"longestWaitNanos":0,\
                        "pools":[{"name":"managed","limitBytes":2097145,"heldBytes":0,"heldBytesMax":7,"residentBytes":0},\
                        {"name":"managed-heap","limitBytes":1048576,"heldBytes":5,"heldBytesMax":5,"residentBytes":5},\
                        {"name":"operation","limitBytes":1048576,"heldBytes":0,"heldBytesMax":0,"residentBytes":0},\
                        {"name":"network","limitBytes":524288,"heldBytes":0,"heldBytesMax":0,"residentBytes":0}],\
                        "tree":{"name":"budget","kind":"budget","limitBytes":6291456,"heldBytes":5,"guaranteedBytes":0,\
                        "reclaimableBytes":0,"children":[\
                        {"name":"managed","kind":"pool","limitBytes":2097145,"heldBytes":0,"guaranteedBytes":0,\
                        "reclaimableBytes":0,"children":[]},\
                        {"name":"managed-heap","kind":"pool","limitBytes":1048576,"heldBytes":5,"guaranteedBytes":0,\
                        "reclaimableBytes":0,"children":[{"name":"OWNER","kind":"scope","limitBytes":1048576,\
                        "heldBytes":5,"guaranteedBytes":0,"reclaimableBytes":0,"children":[\
                        {"name":"x","kind":"lease","limitBytes":null,"heldBytes":5,"guaranteedBytes":0,\
                        "reclaimableBytes":0,"children":[]}]}]},\
                        {"name":"operation","kind":"pool","limitBytes":1048576,"heldBytes":0,"guaranteedBytes":0,\
                        "reclaimableBytes":0,"children":[]},\
                        {"name":"network","kind":"pool","limitBytes":524288,"heldBytes":0,"guaranteedBytes":0,\
                        "reclaimableBytes":0,"children":[]}]},\
                        "quarantine":[{"owner":"dead","bytes":7,"threads":["late"]}],"waiting":[],\
                        "suspects":[{"owner":"OWNER / x","kind":"bytes","pool":"managed-heap","bytes":5,"site":""}]}\
                        """)
                                .replace("MODE", manager.statistics().pageMode().toString())
                                .replace("OWNER", owner));
        late.close();
        lease.close();
        odd.close();
    }

    private static MemoryScope.Entry enterOnAnotherThread(MemoryScope scope, String name)
            throws InterruptedException {
        MemoryScope.Entry[] entry = new MemoryScope.Entry[1];
        Thread thread = Thread.ofPlatform().name(name).start(() -> entry[0] = scope.enter());
        thread.join();
        return entry[0];
    }
}
