package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Every wrong use throws, says whose fault it is, and changes nothing.
class LeaseMisuseTest {
    /// Without a purger, which takes back what leases do not use.
    private final MemoryManager manager =
            MemoryManager.create(
                    Plans.ofPages(64, 8, 8, 8, 2, 8), MemoryOptions.DEFAULTS.withoutPurging());

    private final MemoryScope scope = manager.openScope("task");
    private final PageLease lease = scope.leasePages(manager.managed(), "cells");
    private final ByteLease bytes = scope.leaseBytes(manager.managedHeap(), "objects");

    @AfterEach
    void everythingComesBack() {
        lease.close();
        bytes.close();
        scope.close();
        assertThat(manager.statistics().heldBytes()).isZero();
        manager.purge();
        assertThat(manager.statistics().pageBytesResident()).isZero();
        manager.close();
    }

    @Test
    void releasePage_twice_throwsAndChangesNothing() {
        long kept = lease.allocatePage();
        long address = lease.allocatePage();
        lease.releasePage(address);

        refused(
                () -> lease.releasePage(address),
                "lease 'task / cells' cannot release the page at 0x"
                        + Long.toHexString(address)
                        + ": nobody holds it, it was already released. Nothing was changed. "
                        + "Look for the same page released twice.");
        assertThat(lease.pageCount()).isEqualTo(1);
        lease.releasePage(kept);
    }

    @Test
    void releasePage_ofAnotherLease_throwsAndNamesTheHolder() {
        try (PageLease other = scope.leasePages(manager.managed(), "index")) {
            long address = other.allocatePage();

            refused(
                    () -> lease.releasePage(address),
                    "lease 'task / cells' cannot release the page at 0x"
                            + Long.toHexString(address)
                            + ": it is held by 'task / index'. Nothing was changed. "
                            + "A page goes back to the lease it came from.");
            assertThat(other.pageCount()).isEqualTo(1);
        }
    }

    @Test
    void releasePage_noSuchPage_throws() {
        long address = lease.allocatePage();
        for (long wrong :
                new long[] {
                    0, -1, 1, address + 8, address + 1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40
                }) {
            refused(() -> lease.releasePage(wrong), null);
        }
        refused(
                () -> lease.releasePage(address + 8),
                "lease 'task / cells' cannot release address 0x"
                        + Long.toHexString(address + 8)
                        + ": no page starts there. Nothing was changed.");
        long neverAllocated = address + 20 * Plans.PAGE;
        refused(() -> lease.releasePage(neverAllocated), null);
    }

    /// Goal: whatever the number, an address that is not a held page's start is refused by both
    /// calls and changes nothing. Half of the numbers lie around real pages, or differ from them in
    /// one bit.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void releaseAndView_ofAnyAddress_refuseWhatIsNotHeld(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (PageLease other = scope.leasePages(manager.managed(), "other")) {
            long[] pages = lease.allocatePages(20);
            long[] theirs = other.allocatePages(20);
            lease.releasePage(pages[19]);
            Set<Long> held =
                    Arrays.stream(pages, 0, 19).boxed().collect(Collectors.toUnmodifiableSet());
            MemoryStatistics before = manager.statistics();
            int refused = 0;
            for (int i = 0; i < 20_000; i++) {
                long near = (random.nextBoolean() ? pages : theirs)[random.nextInt(20)];
                long address =
                        switch (random.nextInt(4)) {
                            case 0 -> random.nextLong();
                            case 1 -> near ^ 1L << random.nextInt(64);
                            case 2 -> near + random.nextLong(-5, 6) * Plans.PAGE;
                            default -> near + (random.nextLong() >> random.nextInt(64));
                        };
                if (!held.contains(address)) {
                    refused++;
                    assertThatThrownBy(() -> lease.releasePage(address))
                            .isInstanceOf(MemoryUseException.class)
                            .hasMessageContaining("cannot release");
                    assertThatThrownBy(() -> lease.view(address))
                            .isInstanceOf(MemoryUseException.class)
                            .hasMessageContaining("cannot show");
                }
            }
            assertThat(refused).isGreaterThan(10_000);
            assertThat(manager.statistics()).isEqualTo(before);
            for (long page : held) {
                lease.releasePage(page);
            }
        }
    }

    @Test
    void releasePage_ofAnotherManager_throws() {
        try (MemoryManager second = MemoryManager.create(Plans.managedOnly(64));
                MemoryScope elsewhere = second.openScope("elsewhere");
                PageLease foreign = elsewhere.leasePages(second.managed(), "pages")) {
            long address = foreign.allocatePage();
            lease.allocatePage();

            refused(() -> lease.releasePage(address), null);
            assertThatThrownBy(() -> scope.leasePages(second.managed(), "x"))
                    .isInstanceOf(MemoryUseException.class)
                    .hasMessage(
                            "pool 'managed' belongs to another memory manager than scope 'task'. "
                                    + "Lease from the manager that opened the scope.");
        }
    }

    @Test
    void anyCall_afterClose_throwsAndSecondCloseDoesNothing() {
        long address = lease.allocatePage();
        bytes.reserve(100);
        lease.close();
        bytes.close();

        refused(
                lease::allocatePage,
                "lease 'task / cells' is closed. Nothing was changed. Take a new lease from an open"
                        + " scope.");
        refused(lease::tryAllocatePage, null);
        refused(() -> lease.releasePage(address), null);
        refused(() -> bytes.reserve(1), null);
        refused(() -> bytes.tryReserve(1), null);
        refused(() -> bytes.release(1), null);
        lease.close();
        bytes.close();
        assertThat(lease.pageCount()).isZero();
        assertThat(bytes.heldBytes()).isZero();
        assertThat(manager.statistics().heldBytes()).isZero();
    }

    @Test
    void anyCall_afterTheScopeEnded_saysThatTheScopeEnded() {
        long address = lease.allocatePage();
        scope.closeAndReport();

        refused(
                () -> lease.releasePage(address),
                "lease 'task / cells' is closed: its scope ended and took back everything it held. "
                        + "Nothing was changed. Take a new lease from an open scope.");
        refused(lease::allocatePage, null);
        assertThatThrownBy(() -> scope.leaseBytes(manager.managed(), "late"))
                .isInstanceOf(MemoryUseException.class)
                .hasMessage(
                        "scope 'task' is closed, so it gives no more leases. Open a new scope for a"
                                + " new attempt.");
    }

    @Test
    void release_moreThanHeldOrNegative_throwsAndChangesNothing() {
        bytes.reserve(100);

        refused(
                () -> bytes.release(101),
                "lease 'task / objects' cannot release 101 bytes: it holds 100. Nothing was"
                        + " changed. Look for the same bytes released twice.");
        refused(() -> bytes.release(-1), null);
        refused(() -> bytes.reserve(-1), null);
        refused(() -> bytes.tryReserve(Long.MIN_VALUE), null);
        assertThat(bytes.heldBytes()).isEqualTo(100);
    }

    @Test
    void leasePages_ofAHeapPool_isRefused() {
        assertThatThrownBy(() -> scope.leasePages(manager.managedHeap(), "cells"))
                .isInstanceOf(MemoryUseException.class)
                .hasMessage(
                        "pool 'managed-heap' counts bytes inside the Java heap and has no pages for"
                            + " 'task / cells'. Use leaseBytes, or lease pages from 'managed' or"
                            + " 'network'.");
    }

    @Test
    void openScope_afterTheManagerClosed_isRefused() {
        MemoryManager closed = MemoryManager.create(Plans.managedOnly(1));
        closed.close();
        closed.close();

        assertThatThrownBy(() -> closed.openScope("late"))
                .isInstanceOf(MemoryUseException.class)
                .hasMessage("the memory manager is closed. Create a new one.");
    }

    private void refused(ThrowingCallable call, @org.jspecify.annotations.Nullable String message) {
        MemoryStatistics before = manager.statistics();
        var thrown = assertThatThrownBy(call).isInstanceOf(MemoryUseException.class);
        if (message != null) {
            thrown.hasMessage(message);
        }
        assertThat(manager.statistics()).isEqualTo(before);
    }
}
