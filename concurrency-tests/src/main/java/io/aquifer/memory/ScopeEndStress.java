package io.aquifer.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A scope ends while a thread allocates from it: 1 if the thread got a page and -1 if it was told
/// that the scope has ended, the pages that the end reported, the bytes held at the end.
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Allocated, and taken back.")
@Outcome(id = "-1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Ended first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A page nobody reported, or one that stayed.")
@State
public class ScopeEndStress {
    private final Ledger ledger = NumberedSpace.ledger(4);
    private final MemoryScope scope = ledger.openScope(null, "task", 0);
    private final PageLease lease = scope.leasePages(ledger.managed, "pages");

    @Actor
    public void allocate(III_Result result) {
        try {
            result.r1 = lease.tryAllocatePage() == 0 ? 0 : 1;
        } catch (MemoryUseException ended) {
            result.r1 = -1;
        }
    }

    @Actor
    public void end(III_Result result) {
        result.r2 = (int) (scope.closeAndReport().bytes() / MemoryManager.PAGE_SIZE_BYTES);
    }

    @Arbiter
    public void held(III_Result result) {
        result.r3 = (int) ledger.statistics().heldBytes() + (int) ledger.managed.chargedBytes;
    }
}
