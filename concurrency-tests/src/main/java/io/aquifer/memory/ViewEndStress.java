package io.aquifer.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aquifer.memory.kernel.PageAccess;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IJ_Result;

import java.lang.foreign.MemorySegment;

/// A scope ends while a thread is inside and writes through a view, and a neighbour takes the only
/// page over, as soon as the thread has left: whether the write succeeded, and what the neighbour's
/// page holds at the end.
@JCStressTest
@Outcome(id = "1, 7", expect = Expect.ACCEPTABLE, desc = "Written before the end, then wiped.")
@Outcome(id = "0, 7", expect = Expect.ACCEPTABLE, desc = "Thrown out.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The neighbour's page was changed, or not let.")
@State
public class ViewEndStress {
    private final MemoryManager manager = manager();
    private final MemoryScope scope = manager.openScope("task");
    private final MemoryScope neighbour = manager.openScope("neighbour");
    private final PageLease lease = scope.leasePages(manager.managed(), "pages");
    private final PageLease theirs = neighbour.leasePages(manager.managed(), "pages");
    private final MemorySegment view = lease.view(lease.allocatePage());
    private long page;

    private static MemoryManager manager() {
        long bytes = MemoryManager.PAGE_SIZE_BYTES;
        return MemoryManager.create(
                new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0),
                MemoryOptions.DEFAULTS.withoutPurging());
    }

    @Actor
    public void write(IJ_Result result) {
        try (MemoryScope.Entry inside = scope.enter()) {
            view.set(JAVA_LONG, 0, -1);
            result.r1 = inside == null ? 0 : 1;
        } catch (IllegalStateException | MemoryUseException ended) {
            result.r1 = 0;
        }
    }

    @Actor
    public void end() {
        scope.closeAndReport();
        takeOver();
    }

    private void takeOver() {
        page = theirs.tryAllocatePage();
        if (page != 0) {
            PageAccess.putLong(page, PageAccess.getLong(page) + 7);
        }
    }

    @Arbiter
    public void look(IJ_Result result) {
        if (page == 0) {
            takeOver();
        }
        result.r2 = page == 0 ? -1 : PageAccess.getLong(page);
        neighbour.closeAndReport();
        manager.close();
    }
}
