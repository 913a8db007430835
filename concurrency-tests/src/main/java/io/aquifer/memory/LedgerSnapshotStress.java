package io.aquifer.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// One thread allocates a page, releases it, and allocates one from another lease; another looks at
/// the ledger, which checks its sums itself. Pages held, as seen by the other and at the end.
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Looked before, or between.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Looked while a page was held.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A count that never was; -1: sums that do not add up.")
@State
public class LedgerSnapshotStress {
    private final Ledger ledger = NumberedSpace.ledger(4);
    private final MemoryScope scope = ledger.openScope(null, "task", 0);
    private final PageLease first = scope.leasePages(ledger.managed, "first");
    private final PageLease second = scope.leasePages(ledger.managed, "second");

    @Actor
    public void allocate() {
        first.releasePage(first.allocatePage());
        second.allocatePage();
    }

    @Actor
    public void look(II_Result result) {
        result.r1 = pagesHeld();
    }

    @Arbiter
    public void end(II_Result result) {
        result.r2 = pagesHeld();
    }

    private int pagesHeld() {
        try {
            return (int) (ledger.statistics().heldBytes() / MemoryManager.PAGE_SIZE_BYTES);
        } catch (IllegalStateException doesNotAddUp) {
            return -1;
        }
    }
}
