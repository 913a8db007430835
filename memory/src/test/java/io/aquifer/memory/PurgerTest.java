package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// Released pages go back to the system by decay; looked at step by step, but for the thread.
class PurgerTest {
    private static final long PAGE = Plans.PAGE;

    @Test
    void look_idlePool_givesBackHalfEachTimeAndThenTheRest() {
        try (MemoryManager manager =
                MemoryManager.create(
                        Plans.managedOnly(1_000), MemoryOptions.DEFAULTS.withoutPurging())) {
            Purger purger = manager.ledger().purger();
            dirty(manager, 1_000);
            List<Long> resident = new ArrayList<>();
            boolean more = true;
            while (more) {
                more = purger.look();
                resident.add(manager.managed().residentBytes() / PAGE);
            }
            assertThat(resident).containsExactly(1_000L, 500L, 250L, 125L, 63L, 0L);
            assertThat(manager.statistics().pageBytesResident()).isZero();
            assertThat(purger.look()).isFalse();
        }
    }

    @Test
    void look_poolInUse_keepsWhatItUses() {
        try (MemoryManager manager =
                        MemoryManager.create(
                                Plans.managedOnly(600), MemoryOptions.DEFAULTS.withoutPurging());
                MemoryScope scope = manager.openScope("task")) {
            Purger purger = manager.ledger().purger();
            dirty(manager, scope, 600);
            for (int look = 0; look < 20; look++) {
                purger.look();
                dirty(manager, scope, 200);
            }
            assertThat(manager.managed().residentBytes() / PAGE).isEqualTo(200);
        }
    }

    @Test
    void look_leaseKeepsReleasedPages_takesWhatItDoesNotUse() {
        try (MemoryManager manager =
                        MemoryManager.create(
                                Plans.managedOnly(2_000), MemoryOptions.DEFAULTS.withoutPurging());
                MemoryScope scope = manager.openScope("task");
                PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            Purger purger = manager.ledger().purger();
            exercise(lease, 40);
            assertThat(lease.pageCount()).isZero();
            assertThat(granted(manager, lease)).isGreaterThan(20);

            for (int look = 0; look < 3; look++) {
                exercise(lease, 10);
                assertThat(purger.look()).isTrue();
            }
            assertThat(granted(manager, lease)).as("what it uses").isEqualTo(10);

            purger.look();
            purger.look();
            assertThat(granted(manager, lease)).as("idle").isZero();
            assertThat(manager.managed().residentBytes()).isZero();
            assertThat(purger.look()).as("while there is a lease").isTrue();
        }
    }

    private static void exercise(PageLease lease, int count) {
        List<Long> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(lease.allocatePage());
        }
        taken.forEach(lease::releasePage);
    }

    private static long granted(MemoryManager manager, PageLease lease) {
        return manager.ledger().readLong(lease::granted) / PAGE;
    }

    @Test
    void thread_pagesReleased_livesUntilNothingIsDirty() throws InterruptedException {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(300, 0, 0, 20, 2, 0))) {
            Purger purger = manager.ledger().purger();
            assertThat(purger.thread()).as("while nothing is dirty").isNull();
            for (int life = 0; life < 2; life++) {
                dirty(manager, 200);
                Thread thread = purger.thread();
                assertThat(thread).isNotNull();
                assertThat(thread.getName()).isEqualTo("aquifer memory purger");
                assertThat(thread.isDaemon()).isTrue();

                thread.join();

                assertThat(purger.thread()).isNull();
                assertThat(manager.managed().residentBytes()).isZero();
                assertThat(manager.statistics().pageBytesResident()).isZero();
            }
        }
    }

    @Test
    void close_pagesDirty_endsTheThreadAtOnce() {
        MemoryManager manager = MemoryManager.create(Plans.managedOnly(300));
        dirty(manager, 300);
        Thread thread = manager.ledger().purger().thread();
        assertThat(thread).isNotNull();

        manager.close();

        assertThat(thread.isAlive()).isFalse();
        assertThat(manager.statistics().pageBytesResident()).isZero();
    }

    /// In the portable mode the end of a scope gives its pages back at once, so the scope lives.
    private static void dirty(MemoryManager manager, int count) {
        MemoryScope scope = manager.openScope("task");
        dirty(manager, scope, count);
        if (manager.statistics().pageMode() == PageMode.MAPPED) {
            scope.close();
        }
    }

    private static void dirty(MemoryManager manager, MemoryScope scope, int count) {
        try (PageLease lease = scope.leasePages(manager.managed(), "pages")) {
            lease.allocatePages(count);
        }
    }
}
