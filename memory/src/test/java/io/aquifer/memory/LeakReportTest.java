package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a scope says about leases nobody closed, and that it takes them back all the same.
class LeakReportTest {
    private static final String TRACE = "aquifer.memory.leak-trace";
    private MemoryManager manager = MemoryManager.create(Plans.ofPages(64, 8, 8, 8, 2, 8));

    @BeforeEach
    @AfterEach
    void noTrace() {
        System.setProperty(TRACE, "off");
    }

    @Test
    void closeAndReport_nothingOpen_isEmpty() {
        MemoryScope scope = manager.openScope("flights / windows (1/2)");
        scope.leasePages(manager.managed(), "cells").close();

        LeakReport report = scope.closeAndReport();

        assertThat(report.isEmpty()).isTrue();
        assertThat(report).hasToString("scope 'flights / windows (1/2)' closed with nothing held.");
        scope.close();
        manager.close();
    }

    @Test
    void closeAndReport_leasesOpen_namesThemAndReturnsEverything() {
        MemoryScope scope = manager.openScope("flights / windows (1/2)");
        PageLease cells = scope.leasePages(manager.managed(), "cells");
        for (int i = 0; i < 40; i++) {
            cells.allocatePage();
        }
        cells.allocatePage();
        ByteLease objects = scope.leaseBytes(manager.managedHeap(), "objects");
        objects.reserve(1536);
        PageLease idle = scope.leasePages(manager.network(), "buffers");
        assertThat(scope.leaks())
                .extracting(Leak::kind)
                .containsExactly(Leak.Kind.PAGES, Leak.Kind.BYTES, Leak.Kind.PAGES);
        assertThat(scope.heldBytes()).isEqualTo(41 * Plans.PAGE + 1536);

        LeakReport report = scope.closeAndReport();

        assertThat(report)
                .hasToString(
                        """
                        scope 'flights / windows (1/2)' closed with 3 leases (1.3 MiB) still open:
                          'flights / windows (1/2) / cells' held 41 pages (1.3 MiB) of pool 'managed'
                          'flights / windows (1/2) / objects' held 1.5 KiB of pool 'managed-heap'
                          'flights / windows (1/2) / buffers' held 0 pages (0 B) of pool 'network'
                        The memory was returned. Run with -Daquifer.memory.leak-trace=full to see where each lease \
                        was taken.\
                        """);
        assertThat(manager.statistics().heldBytes()).isZero();
        manager.purge();
        assertThat(manager.statistics().pageBytesResident()).isZero();
        assertThat(cells.pageCount()).isZero();
        assertThat(idle.pageCount()).isZero();
        assertThat(scope.closeAndReport().isEmpty()).as("second report").isTrue();
        manager.close();
    }

    @Test
    void closeAndReport_withFullTrace_saysWhereTheLeaseWasTaken() {
        System.setProperty(TRACE, "full");
        MemoryScope scope = manager.openScope("task");
        takeAndForget(scope);

        LeakReport report = scope.closeAndReport();

        assertThat(report.leaks().getFirst().site().lines().findFirst().orElseThrow())
                .startsWith("    at ")
                .contains("io.aquifer.memory.LeakReportTest.takeAndForget(LeakReportTest.java:");
        assertThat(report.toString())
                .endsWith("The memory was returned. Close each lease where it is no longer used.");
        manager.close();
    }

    @Test
    void close_leasesOpen_throwsTheReportAfterReturningEverything() {
        MemoryScope scope = manager.openScope("task");
        takeAndForget(scope);

        assertThatThrownBy(scope::close)
                .isInstanceOf(MemoryLeakException.class)
                .hasMessageStartingWith(
                        "scope 'task' closed with 1 lease (32.0 KiB) still open:\n"
                            + "  'task / forgotten' held 1 page (32.0 KiB) of pool 'managed'\n");

        assertThat(manager.statistics().heldBytes()).isZero();
        manager.close();
    }

    @Test
    void managerClose_scopesOpen_closesThemAndReportsOnlyLeaks() {
        MemoryScope tidy = manager.openScope("tidy");
        MemoryScope first = manager.openScope("first");
        MemoryScope second = manager.openScope("second");
        takeAndForget(first);
        takeAndForget(second);

        assertThatThrownBy(manager::close)
                .isInstanceOfSatisfying(
                        MemoryLeakException.class,
                        leak ->
                                assertThat(leak.reports())
                                        .extracting(LeakReport::owner)
                                        .containsExactly("first", "second"));

        assertThat(manager.statistics().heldBytes()).isZero();
        assertThat(manager.statistics().pageBytesResident()).isZero();
        assertThat(tidy.closeAndReport().isEmpty()).isTrue();
        manager.close();
    }

    private void takeAndForget(MemoryScope scope) {
        scope.leasePages(manager.managed(), "forgotten").allocatePage();
    }
}
