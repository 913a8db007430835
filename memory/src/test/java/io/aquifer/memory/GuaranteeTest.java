package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/// What an owner was guaranteed: refused when it does not add up, and there at any moment
/// otherwise.
class GuaranteeTest {
    private static final long PAGE = Plans.PAGE;

    @Test
    void guarantee_sumsBeyondThePool_areRefusedWithTheArithmetic() {
        try (MemoryManager manager = MemoryManager.create(Plans.ofPages(64, 0, 0, 32, 8, 32));
                MemoryScope first = manager.openScope("first");
                MemoryScope second = manager.openScope("second");
                MemoryScope third = manager.openScope("third")) {
            PageLease held = third.leasePages(manager.managed(), "cells");
            held.allocatePages(10);
            first.guarantee(manager.managed(), 50 * PAGE);
            first.guarantee(manager.managed(), 60 * PAGE);
            second.guarantee(manager.managed(), 50 * PAGE);
            MemoryStatistics before = manager.statistics();

            assertThatThrownBy(() -> second.guarantee(manager.managed(), 51 * PAGE))
                    .isInstanceOf(MemoryConfigurationException.class)
                    .hasMessage(
                            "'second' cannot be guaranteed 1.6 MiB of pool 'managed': it can reach"
                                    + " 3.8 MiB, of which 320.0 KiB are held and 1.9 MiB guaranteed"
                                    + " to others. Lower the guarantee or the number of tasks, or"
                                    + " raise --memory or env.setMemory.");
            assertThatThrownBy(() -> third.guarantee(manager.managed(), Long.MAX_VALUE))
                    .isInstanceOf(MemoryConfigurationException.class);
            assertThatThrownBy(() -> third.guarantee(manager.managed(), -1))
                    .isInstanceOf(MemoryUseException.class);
            assertThat(manager.statistics()).isEqualTo(before);

            held.close();
            second.guarantee(manager.managed(), 60 * PAGE);
        }
    }

    /// Goal: whoever holds less than it was guaranteed always gets the next page at once, whatever
    /// the others hold, have released, moved, or lost in a smaller budget.
    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void tryAllocatePage_withinTheGuarantee_isAlwaysGranted(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        MemoryPlan plan = Plans.ofPages(120, 0, 0, 60, 20, 60);
        try (MemoryManager manager =
                MemoryManager.create(plan, MemoryOptions.DEFAULTS.withoutPurging())) {
            List<Owner> owners = new ArrayList<>();
            int refused = 0;
            for (int step = 0; step < 6_000; step++) {
                int dice = random.nextInt(1_000);
                if (owners.isEmpty() || dice < 20 && owners.size() < 5) {
                    owners.add(new Owner(manager, step, random.nextInt(50)));
                    continue;
                }
                Owner owner = owners.get(random.nextInt(owners.size()));
                if (dice < 30) {
                    owner.scope.closeAndReport();
                    owners.remove(owner);
                } else if (dice < 40) {
                    manager.resize((60 + random.nextInt(181)) * PAGE);
                } else if (random.nextInt(100) < (step % 1_000 < 500 ? 75 : 30)) {
                    boolean second = random.nextInt(3) == 0;
                    PageLease lease = second ? owner.second : owner.first;
                    long page = lease.tryAllocatePage();
                    if (page != 0) {
                        (second ? owner.secondPages : owner.firstPages).add(page);
                    } else {
                        refused++;
                        assertThat(owner.held())
                                .as("seed %d, step %d: held when refused", seed, step)
                                .isGreaterThanOrEqualTo(owner.guaranteed);
                    }
                } else {
                    owner.releaseOne();
                }
                manager.statistics();
            }
            assertThat(refused).as("so that memory was scarce").isPositive();
            owners.forEach(owner -> owner.scope.closeAndReport());
        }
    }

    private static final class Owner {
        final MemoryScope scope;
        final PageLease first;
        final PageLease second;
        final Deque<Long> firstPages = new ArrayDeque<>();
        final Deque<Long> secondPages = new ArrayDeque<>();
        int guaranteed;

        Owner(MemoryManager manager, int step, int wish) {
            scope = manager.openScope("owner " + step);
            first = scope.leasePages(manager.managed(), "first");
            second = scope.leasePages(manager.managed(), "second");
            try {
                scope.guarantee(manager.managed(), wish * PAGE);
                guaranteed = wish;
            } catch (MemoryConfigurationException tooMuch) {
                guaranteed = 0;
            }
        }

        int held() {
            return firstPages.size() + secondPages.size();
        }

        void releaseOne() {
            if (!firstPages.isEmpty()) {
                first.releasePage(firstPages.poll());
            } else if (!secondPages.isEmpty()) {
                second.releasePage(secondPages.poll());
            }
        }
    }
}
