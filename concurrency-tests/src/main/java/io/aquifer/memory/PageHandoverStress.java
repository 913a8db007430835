package io.aquifer.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// One lease releases one of its two pages and allocates one again while another lease, in a pool
/// of three, allocates two: how many each got, and whether a page was held twice.
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "The first has a page again.")
@Outcome(id = "0, 2, 0", expect = Expect.ACCEPTABLE, desc = "The other was in between.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A page was lost or held twice.")
@State
public class PageHandoverStress {
    private final Ledger ledger = NumberedSpace.ledger(3);
    private final MemoryScope job = ledger.openScope(null, "job", 0);
    private final MemoryScope scope = ledger.openScope(job, "job / task", 0);
    private final MemoryScope otherScope = ledger.openScope(job, "job / other", 0);
    private final PageLease lease = scope.leasePages(ledger.managed, "pages");
    private final PageLease other = otherScope.leasePages(ledger.managed, "pages");
    private final long[] held = lease.allocatePages(2);
    private long again;
    private long otherFirst;
    private long otherSecond;

    @Actor
    public void releaseAndAllocate(III_Result result) {
        lease.releasePage(held[1]);
        again = lease.tryAllocatePage();
        result.r1 = again == 0 ? 0 : 1;
    }

    @Actor
    public void allocateTwo(III_Result result) {
        otherFirst = other.tryAllocatePage();
        otherSecond = other.tryAllocatePage();
        result.r2 = (otherFirst == 0 ? 0 : 1) + (otherSecond == 0 ? 0 : 1);
    }

    @Arbiter
    public void end(III_Result result) {
        long[] all = {held[0], again, otherFirst, otherSecond};
        for (int i = 0; i < all.length; i++) {
            for (int j = 0; j < i; j++) {
                result.r3 += all[i] != 0 && all[i] == all[j] ? 1 : 0;
            }
        }
        result.r3 += lease.pageCount() + other.pageCount() == 3 ? 0 : 100;
    }
}
