package io.aquifer.memory;

import io.aquifer.memory.kernel.PageAccess;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/// A page is filled and then published by a release store in another page: the flag and the
/// contents that a reader sees.
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Read before.")
@Outcome(id = "0, 42", expect = Expect.ACCEPTABLE, desc = "Published in between.")
@Outcome(id = "1, 42", expect = Expect.ACCEPTABLE, desc = "Published, and seen.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Published, and not seen.")
@State
public class PublicationStress {
    private static final MemoryManager MANAGER = manager();
    private static final PageLease PAGES =
            MANAGER.openScope("pages").leasePages(MANAGER.managed(), "pages");
    private static final long FLAGS = PAGES.allocatePage();
    private static final long CONTENTS = PAGES.allocatePage();
    private static final int SLOTS = MemoryManager.PAGE_SIZE_BYTES / 64;
    private static int lastSlot;

    private final long flag;
    private final long contents;

    /// More slots than states of a stride, so that no two have one at a time.
    public PublicationStress() {
        long slot;
        synchronized (PAGES) {
            lastSlot = (lastSlot + 1) % SLOTS;
            slot = lastSlot;
        }
        flag = FLAGS + slot * 64;
        contents = CONTENTS + slot * 64;
        PageAccess.putLong(flag, 0);
        PageAccess.putLong(contents, 0);
    }

    private static MemoryManager manager() {
        long bytes = 64L * MemoryManager.PAGE_SIZE_BYTES;
        return MemoryManager.create(new MemoryPlan(bytes, bytes, 0, 0, 0, 0, 0));
    }

    @Actor
    public void write() {
        PageAccess.putLong(contents, 42);
        PageAccess.putLongRelease(flag, 1);
    }

    @Actor
    public void read(JJ_Result result) {
        result.r1 = PageAccess.getLongAcquire(flag);
        result.r2 = PageAccess.getLong(contents);
    }
}
