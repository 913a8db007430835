package io.aquifer.benchmarks.aquifer;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aquifer.benchmarks.KillSwitch;
import io.aquifer.memory.MemoryManager;
import io.aquifer.memory.MemoryPlan;
import io.aquifer.memory.MemoryScope;
import io.aquifer.memory.PageLease;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The kill switch on Aquifer's scopes and their views.
public final class KillSwitchAquifer {
    private KillSwitchAquifer() {}

    public static void main(String[] arguments) throws InterruptedException {
        long bytes = 128L * MemoryManager.PAGE_SIZE_BYTES;
        try (MemoryManager manager =
                MemoryManager.create(new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0))) {
            run(
                    manager,
                    Integer.parseInt(arguments[0]),
                    outcome -> System.out.println(outcome.line()));
        }
    }

    static KillSwitch.Outcome run(
            MemoryManager manager, int rounds, Consumer<KillSwitch.Outcome> progress)
            throws InterruptedException {
        return KillSwitch.run(() -> new Task(manager, manager.openScope("task")), rounds, progress);
    }

    private record Task(MemoryManager manager, MemoryScope scope) implements KillSwitch.Owner {
        @Override
        public List<KillSwitch.Page> allocate(int count) {
            PageLease lease = scope.leasePages(manager.managed(), "pages");
            List<KillSwitch.Page> pages = new ArrayList<>();
            for (long page : lease.allocatePages(count)) {
                pages.add(new View(lease.view(page)));
            }
            return pages;
        }

        @Override
        public void end() {
            scope.closeAndReport();
        }
    }

    private record View(MemorySegment page) implements KillSwitch.Page {
        @Override
        public void fill(long word) {
            for (int at = 0; at < MemoryManager.PAGE_SIZE_BYTES; at += Long.BYTES) {
                page.set(JAVA_LONG, at, word);
            }
        }

        @Override
        public int differences(long word) {
            int bytes = 0;
            for (int at = 0; at < MemoryManager.PAGE_SIZE_BYTES; at += Long.BYTES) {
                bytes += page.get(JAVA_LONG, at) == word ? 0 : Long.BYTES;
            }
            return bytes;
        }
    }
}
