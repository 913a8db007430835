package io.aquifer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.aquifer.memory.kernel.PageAccess;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// Random scopes, leases, pages and bytes against plain lists as the model.
///
/// Goal: no page is handed out twice, none is lost, no contents change while a page is held, a
/// request is refused exactly when neither its pool nor what it may borrow has room, and then
/// nothing changes. Method: every step comes from one seed; the ledger is compared with the model
/// after every step. Replay a failure with `-Daquifer.test.seed=<seed>`.
class LedgerModelTest {
    private static final long PAGE = Plans.PAGE;
    private static final int STEPS = 6_000;
    private static final int WAVE = 1_000;

    private record ModelPage(long address, long stamp) {}

    private static final class ModelScope {
        final MemoryScope scope;
        final List<ModelPages> pageLeases = new ArrayList<>();
        final List<ModelBytes> byteLeases = new ArrayList<>();

        ModelScope(MemoryScope scope) {
            this.scope = scope;
        }
    }

    private record ModelPages(PageLease lease, MemoryPool pool, List<ModelPage> held) {}

    private static final class ModelBytes {
        final ByteLease lease;
        final MemoryPool pool;
        long held;

        ModelBytes(ByteLease lease, MemoryPool pool) {
            this.lease = lease;
            this.pool = pool;
        }
    }

    private final MemoryPlan plan = Plans.ofPages(40, 16, 8, 48, 16, 150);
    private final MemoryManager manager =
            MemoryManager.create(plan, MemoryOptions.DEFAULTS.withoutPurging());
    private final List<MemoryPool> pools =
            List.of(
                    manager.managed(),
                    manager.managedHeap(),
                    manager.operation(),
                    manager.network());
    private final List<ModelScope> scopes = new ArrayList<>();
    private long nextStamp = 1;
    private int refusals;

    @ParameterizedTest(name = "seed {0}")
    @ArgumentsSource(Seeds.class)
    void leases_inAnyOrder_agreeWithTheModelAtEveryStep(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < STEPS; step++) {
            oneStep(random, step);
            compare("seed " + seed + ", step " + step);
        }
        assertThat(refusals).as("requests refused, so that the limit was met").isPositive();
        while (!scopes.isEmpty()) {
            endScope(scopes.removeLast());
        }
        compare("seed " + seed + ", end");
        assertThat(manager.statistics().heldBytes()).isZero();
        manager.purge();
        assertThat(manager.statistics().pageBytesResident()).isZero();
        manager.close();
    }

    private void oneStep(SplittableRandom random, int step) {
        // Waves: half of the time requests prevail, half of the time releases.
        int requests = step % WAVE < WAVE / 2 ? 70 : 30;
        int dice = random.nextInt(1_000);
        if (scopes.isEmpty() || dice < 20 && scopes.size() < 6) {
            scopes.add(new ModelScope(manager.openScope("scope " + step)));
            return;
        }
        ModelScope scope = pick(random, scopes);
        if (dice < 24) {
            scopes.remove(scope);
            endScope(scope);
        } else if (dice < 70) {
            openLease(scope, random, step);
        } else if (dice < 90) {
            closeLease(scope, random);
        } else if (!scope.pageLeases.isEmpty() && random.nextInt(4) > 0) {
            ModelPages lease = pick(random, scope.pageLeases);
            if (random.nextInt(100) < requests) {
                requestPage(lease);
            } else if (!lease.held.isEmpty()) {
                ModelPage page = lease.held.remove(random.nextInt(lease.held.size()));
                checkContents(page);
                lease.lease.releasePage(page.address);
                if (random.nextInt(8) == 0) {
                    lease.lease.handOver(random.nextBoolean());
                }
            }
        } else if (!scope.byteLeases.isEmpty()) {
            ModelBytes lease = pick(random, scope.byteLeases);
            if (random.nextInt(100) < requests) {
                requestBytes(lease, random.nextLong(5 * PAGE));
            } else {
                long fewer = random.nextLong(lease.held + 1);
                lease.held -= fewer;
                lease.lease.release(fewer);
            }
        }
    }

    private void openLease(ModelScope in, SplittableRandom random, int step) {
        if (random.nextInt(3) > 0) {
            MemoryPool pool = random.nextInt(3) > 0 ? manager.managed() : manager.network();
            PageLease lease = in.scope.leasePages(pool, "pages " + step);
            in.pageLeases.add(new ModelPages(lease, pool, new ArrayList<>()));
        } else {
            MemoryPool pool = pick(random, pools);
            in.byteLeases.add(new ModelBytes(in.scope.leaseBytes(pool, "bytes " + step), pool));
        }
    }

    private void closeLease(ModelScope in, SplittableRandom random) {
        if (!in.pageLeases.isEmpty() && random.nextBoolean()) {
            ModelPages lease = in.pageLeases.remove(random.nextInt(in.pageLeases.size()));
            lease.held.forEach(this::checkContents);
            lease.lease.close();
        } else if (!in.byteLeases.isEmpty()) {
            in.byteLeases.remove(random.nextInt(in.byteLeases.size())).lease.close();
        }
    }

    private void endScope(ModelScope ending) {
        long held = 0;
        for (ModelPages lease : ending.pageLeases) {
            lease.held.forEach(this::checkContents);
            held += lease.held.size() * PAGE;
        }
        for (ModelBytes lease : ending.byteLeases) {
            held += lease.held;
        }

        LeakReport report = ending.scope.closeAndReport();

        assertThat(report.leaks()).hasSize(ending.pageLeases.size() + ending.byteLeases.size());
        assertThat(report.bytes()).isEqualTo(held);
    }

    private void requestPage(ModelPages lease) {
        boolean fits = fits(lease.pool, PAGE);
        MemoryStatistics before = manager.statistics();

        long address = lease.lease.tryAllocatePage();

        assertThat(address != 0).as("page granted").isEqualTo(fits);
        if (address == 0) {
            refusals++;
            assertThat(manager.statistics()).as("after a refusal").isEqualTo(before);
            return;
        }
        ModelPage page = new ModelPage(address, nextStamp++);
        PageAccess.putLong(address, page.stamp);
        PageAccess.putLong(address + PAGE - Long.BYTES, ~page.stamp);
        lease.held.add(page);
    }

    private void requestBytes(ModelBytes lease, long wanted) {
        boolean fits = fits(lease.pool, wanted);
        MemoryStatistics before = manager.statistics();

        assertThat(lease.lease.tryReserve(wanted)).as("bytes granted").isEqualTo(fits);

        if (fits) {
            lease.held += wanted;
        } else {
            refusals++;
            assertThat(manager.statistics()).as("after a refusal").isEqualTo(before);
        }
    }

    private void checkContents(ModelPage page) {
        assertThat(PageAccess.getLong(page.address)).as("first word").isEqualTo(page.stamp);
        assertThat(PageAccess.getLong(page.address + PAGE - Long.BYTES))
                .as("last word")
                .isEqualTo(~page.stamp);
    }

    /// The rule of lending, stated a second time from the statistics alone.
    private boolean fits(MemoryPool pool, long wanted) {
        MemoryStatistics now = manager.statistics();
        PoolStatistics network = now.network();
        long room = now.pool(pool.name()).freeBytes();
        if (pool == manager.managed()) {
            long aboveMinimum = network.limitBytes() - plan.networkMinBytes();
            room += now.reserveBytes() + Math.max(0, Math.min(network.freeBytes(), aboveMinimum));
        } else if (pool == manager.network()) {
            long lent = Math.max(0, plan.networkBytes() - network.limitBytes());
            room += now.reserveBytes() + Math.min(lent, now.managed().freeBytes());
        }
        return wanted <= room;
    }

    private void compare(String when) {
        MemoryStatistics now = manager.statistics();
        Map<String, Long> byPool = new HashMap<>();
        Map<String, Long> byOwner = new HashMap<>();
        Set<Long> addresses = new HashSet<>();
        long offHeapBytes = 0;
        for (ModelScope scope : scopes) {
            for (ModelPages lease : scope.pageLeases) {
                byPool.merge(lease.pool.name(), lease.held.size() * PAGE, Long::sum);
                byOwner.put(lease.lease.owner(), lease.held.size() * PAGE);
                for (ModelPage page : lease.held) {
                    assertThat(addresses.add(page.address))
                            .as("%s: page handed out twice", when)
                            .isTrue();
                }
            }
            for (ModelBytes lease : scope.byteLeases) {
                byPool.merge(lease.pool.name(), lease.held, Long::sum);
                byOwner.put(lease.lease.owner(), lease.held);
                offHeapBytes += lease.pool.isOffHeap() ? lease.held : 0;
            }
        }
        byOwner.values().removeIf(bytes -> bytes == 0);
        for (PoolStatistics pool : now.pools()) {
            assertThat(pool.heldBytes())
                    .as("%s: %s", when, pool)
                    .isEqualTo(byPool.getOrDefault(pool.name(), 0L));
        }
        assertThat(now.heldByOwner()).as(when).isEqualTo(byOwner);
        assertThat(now.network().limitBytes())
                .as(when)
                .isGreaterThanOrEqualTo(plan.networkMinBytes());
        long pagesResident =
                now.managed().residentBytes() + now.network().residentBytes() - offHeapBytes;
        assertThat(now.pageBytesResident())
                .as(when)
                .isBetween(
                        pagesResident,
                        now.pageMode() == PageMode.MAPPED ? pagesResident : plan.offHeapBytes());
    }

    private static <T> T pick(SplittableRandom random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
