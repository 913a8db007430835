package io.aquifer.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// One thread releases the only page twice while another lease allocates it: whether the second
/// release was refused, whether the other lease got the page, and how many hold it at the end.
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "The other came too early.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "The other has the page.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A stale release took the page from its new owner.")
@State
public class StaleReleaseStress {
    private final Ledger ledger = NumberedSpace.ledger(1);
    private final MemoryScope job = ledger.openScope(null, "job", 0);
    private final MemoryScope scope = ledger.openScope(job, "job / task", 0);
    private final MemoryScope otherScope = ledger.openScope(job, "job / other", 0);
    private final PageLease lease = scope.leasePages(ledger.managed, "pages");
    private final PageLease other = otherScope.leasePages(ledger.managed, "pages");
    private final long page = lease.allocatePage();

    @Actor
    public void releaseTwice(III_Result result) {
        lease.releasePage(page);
        try {
            lease.releasePage(page);
        } catch (MemoryUseException refused) {
            result.r1 = 1;
        }
    }

    @Actor
    public void allocate(III_Result result) {
        result.r2 = other.tryAllocatePage() == 0 ? 0 : 1;
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = lease.pageCount() + other.pageCount();
    }
}
