package io.aquifer.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Reclaimer;
import io.aquifer.state.file.StateFileHeader;
import io.aquifer.state.file.StateSection;
import io.aquifer.state.run.Pacer;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A task's memory of a few pages and a disk beside it, for tables that outgrow it.
final class SpillingPages implements AutoCloseable {
    final TestRunFiles files = new TestRunFiles();
    private final MemoryManager manager;
    private final MemoryScope scope;
    private final MemoryScope.Entry entry;
    private final TableSpill spill;
    private final ExecutorService merges = Executors.newSingleThreadExecutor();

    private final ExecutorService snapshots = Executors.newSingleThreadExecutor();

    SpillingPages(int pages) {
        long heap = 1L << 20;
        long managed = (long) pages * PageSource.PAGE_BYTES;
        manager = MemoryManager.create(new MemoryPlan(managed + heap, managed, 0, heap, 0, 0, 0));
        scope = manager.openScope("task");
        entry = scope.enter();
        spill =
                new TableSpill(
                        files,
                        merges,
                        snapshots,
                        Pacer.UNLIMITED,
                        () -> {
                            merges.close();
                            snapshots.close();
                        });
    }

    PageLease lease(String name) {
        return scope.leasePages(manager.managed(), name);
    }

    TableSpill spill() {
        return spill;
    }

    TableSpill.Table description(StateSection.Kind kind, KeyRouting routing) {
        int groups = 1 << routing.keyGroupBits();
        return new TableSpill.Table(
                "task / table",
                new StateFileHeader("op", 0, groups, 0, groups - 1),
                new StateSection(
                        "state", kind, 0, kind == StateSection.Kind.MAP ? "bytes" : "", "bytes"),
                routing.keyGroupBits());
    }

    MemoryScope.Registration register(Reclaimer table) {
        return scope.register(table);
    }

    long heldPages() {
        return manager.managed().heldBytes() / PageSource.PAGE_BYTES;
    }

    /// Asserts that nothing is held and no file is left.
    @Override
    public void close() throws IOException {
        spill.close();
        assertThat(heldPages()).as("pages held after the end").isZero();
        assertThat(files.open).as("files left").isEmpty();
        entry.close();
        scope.close();
        manager.close();
    }
}
