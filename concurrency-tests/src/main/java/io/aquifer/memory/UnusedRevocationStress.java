package io.aquifer.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A lease takes the only page, which it has and does not use, while another lease makes the ledger
/// take it away: who got it, and how many hold it at the end.
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "Its lease was first.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "The ledger was first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Held twice, or refused to both while it was free.")
@State
public class UnusedRevocationStress {
    private final Ledger ledger = NumberedSpace.ledger(1);
    private final MemoryScope job = ledger.openScope(null, "job", 0);
    private final MemoryScope scope = ledger.openScope(job, "job / task", 0);
    private final MemoryScope otherScope = ledger.openScope(job, "job / other", 0);
    private final PageLease lease = scope.leasePages(ledger.managed, "pages");
    private final PageLease other = otherScope.leasePages(ledger.managed, "pages");

    public UnusedRevocationStress() {
        ledger.managed.spare.pages = 1;
        long page = lease.allocatePage();
        ledger.managed.spare.pages = 1;
        lease.releasePage(page);
    }

    @Actor
    public void allocate(III_Result result) {
        result.r1 = lease.tryAllocatePage() == 0 ? 0 : 1;
    }

    @Actor
    public void revoke(III_Result result) {
        result.r2 = other.tryAllocatePage() == 0 ? 0 : 1;
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = lease.pageCount() + other.pageCount();
    }
}
