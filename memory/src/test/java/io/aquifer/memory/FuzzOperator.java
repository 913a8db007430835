package io.aquifer.memory;

import io.aquifer.memory.kernel.PageAccess;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// An operator of the [ArbitrationFuzzTest]: one life after the other on a thread of its own, in
/// each a scope, leases, reclaimers of random honesty and some dozens of random calls.
///
/// Each page it holds carries a stamp of its own, which it finds again or somebody else has written
/// to its page.
final class FuzzOperator implements Runnable {
    private static final int STEPS = 60;
    private static final int WORK_MAX = 3_000;

    /// How requests ended, over all operators.
    static final class Outcomes {
        final AtomicLong calls = new AtomicLong();
        final AtomicLong granted = new AtomicLong();
        final AtomicLong denied = new AtomicLong();
        final AtomicLong ended = new AtomicLong();
        final AtomicLong killed = new AtomicLong();
        final AtomicLong lives = new AtomicLong();

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d lives, %,d calls: %,d granted, %,d denied; %,d made to end, %,d killed",
                    lives.get(),
                    calls.get(),
                    granted.get(),
                    denied.get(),
                    ended.get(),
                    killed.get());
        }
    }

    private final MemoryManager manager;
    private final Outcomes outcomes;
    private final SplittableRandom random;
    private final String name;
    private final long stamp;

    /// What it lives in now, for those who kill.
    volatile @Nullable MemoryScope victim;

    private final List<PageLease> pageLeases = new ArrayList<>();
    private final List<List<Long>> pages = new ArrayList<>();
    private final List<ByteLease> byteLeases = new ArrayList<>();

    /// Whether all that happened to helpers was explained.
    private final AtomicBoolean explained = new AtomicBoolean(true);

    /// What a reclaimer may release of the first lease.
    private volatile int offered;

    FuzzOperator(MemoryManager manager, Outcomes outcomes, String name, long seed) {
        this.manager = manager;
        this.outcomes = outcomes;
        this.name = name;
        this.random = new SplittableRandom(seed);
        this.stamp = seed * 0x9E37_79B9_7F4A_7C15L | 1;
    }

    /// Lives once.
    @Override
    public void run() {
        pageLeases.clear();
        pages.clear();
        byteLeases.clear();
        offered = 0;
        MemoryScope root = manager.openScope(name, random.nextInt(3) - 1);
        MemoryScope task = random.nextBoolean() ? root.openScope("task") : root;
        MemoryScope.Entry entry = task.enter();
        victim = root;
        try {
            live(task);
        } catch (MemoryExhaustedException exhausted) {
            requireExplained(exhausted);
        } catch (MemoryUseException closed) {
            require(root.isClosed(), "misused without having been killed: " + closed);
            outcomes.killed.incrementAndGet();
        } catch (BrokenReclaimer broken) {
            outcomes.ended.incrementAndGet();
        } finally {
            victim = null;
            require(explained.get(), "what ends a helper is explained");
            checkAll();
            root.closeAndReport();
            entry.close();
            outcomes.lives.incrementAndGet();
            clearInterrupt();
        }
    }

    /// An interrupt ends one life at most.
    @SuppressWarnings("ResultOfMethodCallIgnored")
    private static void clearInterrupt() {
        Thread.interrupted();
    }

    private void live(MemoryScope task) {
        MemoryScope owner = random.nextInt(3) == 0 ? task.openScope("operator") : task;
        if (random.nextInt(4) == 0) {
            tryGuarantee(owner);
        }
        for (MemoryPool pool : List.of(manager.managed(), manager.network())) {
            pageLeases.add(owner.leasePages(pool, pool.name() + " pages"));
            pages.add(new ArrayList<>());
        }
        byteLeases.add(owner.leaseBytes(manager.managedHeap(), "objects"));
        byteLeases.add(owner.leaseBytes(manager.managed(), "map"));
        if (random.nextInt(4) > 0) {
            owner.register(new Spill(Honesty.pick(random), Rung.values()[random.nextInt(4)]));
        }
        Thread helper = random.nextInt(4) == 0 ? startHelper(task) : null;
        try {
            for (int step = 0; step < STEPS; step++) {
                task.serveReclaims();
                try {
                    step();
                } catch (MemoryExhaustedException exhausted) {
                    goOnWithLess(exhausted);
                }
            }
        } finally {
            join(helper);
        }
    }

    /// After a denial an operator may go on with less; who must end or is interrupted ends.
    private void goOnWithLess(MemoryExhaustedException exhausted) {
        if (!String.valueOf(exhausted.getMessage()).startsWith("cannot allocate ")) {
            throw exhausted;
        }
        requireExplained(exhausted);
        release(0, pages.get(0).size() / 2 + 1);
        release(1, pages.get(1).size() / 2 + 1);
        byteLeases.forEach(lease -> lease.release(lease.heldBytes()));
    }

    /// A second thread in the same scope, with a lease of its own.
    private Thread startHelper(MemoryScope task) {
        PageLease lease = task.leasePages(manager.managed(), "read ahead");
        return Thread.ofPlatform()
                .name(name + " helper")
                .start(
                        () -> {
                            try (MemoryScope.Entry _ = task.enter()) {
                                for (int i = 0; i < STEPS / 4; i++) {
                                    long page = lease.allocatePage();
                                    PageAccess.putLong(page, stamp);
                                    outcomes.calls.incrementAndGet();
                                    lease.releasePage(page);
                                }
                            } catch (MemoryExhaustedException exhausted) {
                                explained.compareAndSet(true, isExplained(exhausted));
                            } catch (MemoryUseException closed) {
                                explained.compareAndSet(true, task.isClosed());
                            }
                        });
    }

    private static void join(@Nullable Thread helper) {
        boolean interrupted = false;
        while (helper != null && helper.isAlive()) {
            try {
                helper.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryGuarantee(MemoryScope owner) {
        try {
            owner.guarantee(manager.managed(), 2 * Plans.PAGE);
        } catch (MemoryConfigurationException tooMuch) {
            require(
                    String.valueOf(tooMuch.getMessage()).contains("guarantee"),
                    "a refused guarantee is explained: " + tooMuch);
        }
    }

    private void step() {
        outcomes.calls.incrementAndGet();
        int lease = random.nextInt(2);
        switch (random.nextInt(12)) {
            case 0, 1 -> add(lease, pageLeases.get(lease).allocatePage());
            case 2 -> {
                for (long page : pageLeases.get(lease).allocatePages(1 + random.nextInt(6))) {
                    add(lease, page);
                }
            }
            case 3 -> {
                long page = pageLeases.get(lease).tryAllocatePage();
                if (page != 0) {
                    add(lease, page);
                }
            }
            case 4, 5, 6 -> release(lease, 1 + random.nextInt(8));
            case 7 -> {
                byteLeases.get(lease).reserve(random.nextLong(Plans.PAGE));
                outcomes.granted.incrementAndGet();
            }
            case 8 -> {
                ByteLease bytes = byteLeases.get(lease);
                bytes.release(random.nextLong(bytes.heldBytes() + 1));
            }
            case 9 -> offered = random.nextInt(pages.get(0).size() + 1);
            case 10 -> work();
            default -> Thread.yield();
        }
    }

    /// User code: takes a while and answers nothing.
    private void work() {
        for (int i = random.nextInt(WORK_MAX); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    private void add(int lease, long page) {
        outcomes.granted.incrementAndGet();
        PageAccess.putLong(page, stamp);
        PageAccess.putLong(page + Plans.PAGE - Long.BYTES, ~stamp);
        pages.get(lease).add(page);
    }

    private void release(int lease, int count) {
        List<Long> held = pages.get(lease);
        for (int i = 0; i < count && !held.isEmpty(); i++) {
            long page = held.getLast();
            check(page);
            pageLeases.get(lease).releasePage(page);
            held.removeLast();
        }
        if (lease == 0) {
            offered = Math.min(offered, held.size());
        }
    }

    private void checkAll() {
        pages.forEach(held -> held.forEach(this::check));
    }

    private void check(long page) {
        require(
                PageAccess.getLong(page) == stamp
                        && PageAccess.getLong(page + Plans.PAGE - Long.BYTES) == ~stamp,
                name + " finds its page as it left it");
    }

    private void requireExplained(MemoryExhaustedException exhausted) {
        require(isExplained(exhausted), "a denial is explained: " + exhausted);
        boolean ended = String.valueOf(exhausted.getMessage()).contains("must end");
        (ended ? outcomes.ended : outcomes.denied).incrementAndGet();
    }

    private static boolean isExplained(MemoryExhaustedException exhausted) {
        String why = String.valueOf(exhausted.getMessage());
        return why.startsWith("cannot allocate ") && why.contains("Largest holders")
                || why.contains(" must end, so that ")
                || why.contains("was interrupted while it waited");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private enum Honesty {
        EXACT,
        LESS,
        MORE,
        NOTHING,
        THROWS,
        SLOW;

        static Honesty pick(SplittableRandom random) {
            int dice = random.nextInt(20);
            return dice < 10 ? EXACT : values()[dice % values().length];
        }
    }

    static final class BrokenReclaimer extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenReclaimer() {
            super("disk full, says the test", null, false, false);
        }
    }

    private final class Spill implements Reclaimer {
        private final Honesty honesty;
        private final Rung rung;

        Spill(Honesty honesty, Rung rung) {
            this.honesty = honesty;
            this.rung = rung;
        }

        @Override
        public Rung rung() {
            return rung;
        }

        @Override
        public long reclaimableBytes() {
            return offered * Plans.PAGE;
        }

        @Override
        public void reclaim(long bytes) {
            int wanted = (int) Math.min(offered, (bytes + Plans.PAGE - 1) / Plans.PAGE);
            switch (honesty) {
                case EXACT -> give(wanted);
                case LESS -> give(Math.min(1, wanted));
                case MORE -> give(offered);
                case NOTHING -> {}
                case THROWS -> throw new BrokenReclaimer();
                case SLOW -> {
                    work();
                    give(wanted);
                }
            }
        }

        private void give(int count) {
            int left = offered - count;
            release(0, count);
            offered = Math.max(0, Math.min(left, pages.get(0).size()));
        }
    }
}
