package io.aquifer.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Two threads release the same page, and one changes the magazine that releases go to before:
/// whether each succeeded, and the pages held at the end, of two.
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "The first released it.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "The second released it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Released twice, or not at all.")
@State
public class ReleaseWhileSwitchedStress {
    private final Ledger ledger = NumberedSpace.ledger(4);
    private final MemoryScope scope = ledger.openScope(null, "task", 0);
    private final PageLease lease = scope.leasePages(ledger.managed, "pages");
    private final long page = lease.allocatePages(2)[0];

    @Actor
    public void first(III_Result result) {
        result.r1 = release();
    }

    @Actor
    public void second(III_Result result) {
        lease.handOver(true);
        result.r2 = release();
    }

    @Arbiter
    public void end(III_Result result) {
        result.r3 = lease.pageCount();
    }

    private int release() {
        try {
            lease.releasePage(page);
            return 1;
        } catch (MemoryUseException refused) {
            return 0;
        }
    }
}
